/// The feature gates that the components of Kubernetes 1.36 know (the tables of its `kube_features.go`).
extension FeatureGates {
    /// Those that can be set.
    static let free = words(
        """
        APIResponseCompression APIServerIdentity APIServingWithRoutine AllowDNSOnlyNodeCSR \
        AllowInsecureKubeletCertificateSigningRequests AllowParsingUserUIDFromCertAuth AllowServiceExternalIPs \
        AllowUnsafeMalformedObjectDeletion AtomicFIFO AuthorizePodWebsocketUpgradeCreatePermission \
        CBORServingAndStorage CPUManagerPolicyAlphaOptions CPUManagerPolicyBetaOptions \
        CRDObservedGenerationTracking CRIListStreaming CSIVolumeHealth ChangeContainerStatusOnKubeletRestart \
        ClearingNominatedNodeNameAfterBinding ClientsAllowCARotation ClientsAllowCBOR ClientsAllowTLSCacheGC \
        ClientsPreferCBOR CloudControllerManagerWatchBasedRoutesReconciliation CloudControllerManagerWebhook \
        ClusterTrustBundle ClusterTrustBundleProjection ComponentFlagz ComponentStatusz \
        ConcurrentWatchObjectDecode ConstrainedImpersonation ContainerCheckpoint ContainerRestartRules \
        ContainerStopSignals ControllerManagerReleaseLeaderElectionLockOnExit CoordinatedLeaderElection \
        CrossNamespaceVolumeDataSource DRAConsumableCapacity DRADeviceBindingConditions DRADeviceTaintRules \
        DRADeviceTaints DRAExtendedResource DRAListTypeAttributes DRANodeAllocatableResources \
        DRAPartitionableDevices DRAPrioritizedList DRAResourceClaimDeviceStatus \
        DRAResourceClaimGranularStatusAuthorization DRAResourcePoolStatus DRASchedulerFilterTimeout \
        DRAWorkloadResourceClaims DeclarativeValidationBeta DeclarativeValidationTakeover \
        DeploymentReplicaSetTerminatingReplicas DetectCacheInconsistency DisableCPUQuotaWithExclusiveCPUs \
        EnvFiles EventedPLEG ExtendWebSocketsToKubelet GangScheduling GenericWorkload GracefulNodeShutdown \
        GracefulNodeShutdownBasedOnPodPriority HPAConfigurableTolerance HPAScaleToZero HostnameOverride \
        ImageVolumeWithDigest InOrderInformersBatchProcess InPlacePodLevelResourcesVerticalScaling \
        InPlacePodVerticalScalingExclusiveCPUs InPlacePodVerticalScalingExclusiveMemory \
        InPlacePodVerticalScalingInitContainers InformerResourceVersion KMSv1 KubeletCrashLoopBackOffMax \
        KubeletEnsureSecretPulledImages KubeletInUserNamespace KubeletPodResourcesListUseActivePods \
        KubeletRegistrationGetOnExistsOnly KubeletSeparateDiskGC \
        KubeletServiceAccountTokenForCredentialProviders ListFromCacheSnapshot \
        LocalStorageCapacityIsolationFSQuotaMonitoring ManifestBasedAdmissionControlConfig \
        MatchLabelKeysInPodTopologySpread MatchLabelKeysInPodTopologySpreadSelectorMerge \
        MaxUnavailableStatefulSet MemoryQoS MutablePVNodeAffinity MutablePodResourcesForSuspendedJobs \
        MutableSchedulingDirectivesForSuspendedJobs MutatingAdmissionPolicy NodeDeclaredFeatures \
        NominatedNodeNameForExpectation OpenAPIEnums OpportunisticBatching PLEGOnDemandRelist \
        PersistentVolumeClaimUnusedSinceTime PodAndContainerStatsFromCRI PodCertificateRequest PodDeletionCost \
        PodLevelResourceManagers PodLevelResources PodLogsQuerySplitStreams PodReadyToStartContainersCondition \
        PodTopologyLabelsAdmission PodsAPI PortForwardWebsockets PreventStaticPodAPIReferences QOSReserved \
        ReduceDefaultCrashLoopBackOffDecay RelaxedServiceNameValidation ReloadKubeletClientCAFile \
        ReloadKubeletServerCertificateFile RemoteRequestHeaderUID ResourceHealthStatus \
        ResourceHealthStatusMessage RestartAllContainersOnContainerExits RotateKubeletServerCertificate \
        RuntimeClassInImageCriApi SELinuxMount SchedulerAsyncAPICalls SchedulerAsyncPreemption \
        SchedulerPopFromBackoffQ ServiceAccountNodeAudienceRestriction ServiceCIDRStatusFieldWiping \
        ShardedListAndWatch SizeBasedListCostEstimate StaleControllerConsistencyDaemonSet \
        StaleControllerConsistencyJob StaleControllerConsistencyReplicaSet StaleControllerConsistencyStatefulSet \
        StorageCapacityScoring StorageNamespaceIndex StorageVersionAPI StorageVersionHash StorageVersionMigrator \
        StrictIPCIDRValidation StructuredAuthenticationConfigurationEgressSelector \
        StructuredAuthenticationConfigurationJWKSMetrics TaintTolerationComparisonOperators \
        TokenRequestServiceAccountUIDValidation TopologyAwareWorkloadScheduling \
        TopologyManagerPolicyAlphaOptions TopologyManagerPolicyBetaOptions TranslateStreamCloseWebsocketRequests \
        UnauthenticatedHTTP2DOSMitigation UnknownVersionInteroperabilityProxy UnlockWhileProcessingFIFO \
        UserNamespacesHostNetworkSupport VolumeLimitScaling WatchCacheInitializationPostStartHook \
        WatchListClient WindowsCPUAndMemoryAffinity WindowsGracefulNodeShutdown WindowsHostNetwork \
        WorkloadAwarePreemption WorkloadWithJob
        """)

    /// Those that are on for good.
    static let locked = words(
        """
        APIServerTracing AggregatedDiscoveryRemoveBetaType AllowOverwriteTerminationGracePeriodSeconds \
        AnonymousAuthConfigurableEndpoints AnyVolumeDataSource AuthorizeNodeWithSelectors AuthorizeWithSelectors \
        BtreeWatchCache CPUManagerPolicyOptions CRDValidationRatcheting CSIServiceAccountTokenSecrets \
        ConsistentListFromCache CustomResourceFieldSelectors DRAAdminAccess DeclarativeValidation \
        DisableAllocatorDualWrite DisableNodeKubeProxyVersion ExecProbeTimeout ExternalServiceAccountTokenSigner \
        GitRepoVolumeDriver ImageMaximumGCAge ImageVolume InOrderInformers InPlacePodVerticalScaling \
        JobBackoffLimitPerIndex JobManagedBy JobPodReplacementPolicy JobSuccessPolicy KubeletCgroupDriverFromCRI \
        KubeletFineGrainedAuthz KubeletPSI KubeletPodResourcesDynamicResources KubeletPodResourcesGet \
        KubeletTracing LogarithmicScaleDown MatchLabelKeysInPodAffinity MultiCIDRServiceAllocator \
        MutableCSINodeAllocatableCount NFTablesProxyMode NodeInclusionPolicyInPodTopologySpread NodeLogQuery \
        NodeSwap OrderedNamespaceDeletion PodLifecycleSleepAction PodLifecycleSleepActionAllowZero \
        PodObservedGenerationTracking PodSchedulingReadiness PreferSameTrafficDistribution ProcMountType \
        RecoverVolumeExpansionFailure RecursiveReadOnlyMounts RelaxedDNSSearchValidation \
        RelaxedEnvironmentVariableValidation ResilientWatchCacheInitialization RetryGenerateName \
        SELinuxChangePolicy SELinuxMountReadWriteOncePod SchedulerQueueingHints SeparateCacheWatchRPC \
        SeparateTaintEvictionController ServiceAccountTokenJTI ServiceAccountTokenNodeBinding \
        ServiceAccountTokenNodeBindingValidation ServiceAccountTokenPodNodeInfo SidecarContainers \
        StreamingCollectionEncodingToJSON StreamingCollectionEncodingToProtobuf \
        StructuredAuthenticationConfiguration SupplementalGroupsPolicy SystemdWatchdog \
        TopologyManagerPolicyOptions UserNamespacesSupport VolumeAttributesClass WinDSR WinOverlay
        """)
}
