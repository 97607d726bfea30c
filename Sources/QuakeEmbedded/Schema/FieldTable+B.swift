extension FieldTable {
    /// Types from NodeFeatures to WindowsSecurityContextOptions; how to read it says ``FieldTable``.
    static let partB = """
        NodeFeatures
            supplementalGroupsPolicy.bool
        NodePool
            apiVersion.string kind.string metadata+ObjectMeta spec+NodePoolSpec status.any
        NodePoolSpec
            disruption!any limits!{}quantity replicas!int64 template+NodeClaimTemplate weight!int32
        NodeRuntimeHandler
            features.NodeRuntimeHandlerFeatures name.string
        NodeRuntimeHandlerFeatures
            recursiveReadOnlyMounts.bool userNamespaces.bool
        NodeSelector
            nodeSelectorTerms+[]NodeSelectorTerm
        NodeSelectorRequirement
            key+string operator+string values+[]string
        NodeSelectorTerm
            matchExpressions+[]NodeSelectorRequirement matchFields+[]NodeSelectorRequirement
        NodeSpec
            configSource.NodeConfigSource externalID.string podCIDR.string podCIDRs.[]string providerID.string
            taints+[]Taint unschedulable+bool
        NodeStatus
            addresses.[]NodeAddress allocatable.{}quantity capacity.{}quantity conditions.[]NodeCondition
            config.NodeConfigStatus daemonEndpoints.NodeDaemonEndpoints declaredFeatures.[]string features.NodeFeatures
            images.[]ContainerImage nodeInfo.NodeSystemInfo phase.string runtimeHandlers.[]NodeRuntimeHandler
            volumesAttached.[]AttachedVolume volumesInUse.[]string
        NodeSwapStatus
            capacity.int64
        NodeSystemInfo
            architecture.string bootID.string containerRuntimeVersion.string kernelVersion.string
            kubeProxyVersion.string kubeletVersion.string machineID.string operatingSystem.string osImage.string
            swap.NodeSwapStatus systemUUID.string
        ObjectFieldSelector
            apiVersion.string fieldPath.string
        ObjectMeta
            annotations+{}string creationTimestamp.time deletionGracePeriodSeconds.int64 deletionTimestamp.time
            finalizers![]string generateName+string generation+int64 labels+{}string managedFields.[]ManagedFieldsEntry
            name+string namespace+string ownerReferences![]OwnerReference resourceVersion+string selfLink.string
            uid+string
        ObjectReference
            apiVersion.string fieldPath.string kind.string name.string namespace.string resourceVersion.string
            uid.string
        OwnerReference
            apiVersion!string blockOwnerDeletion!bool controller!bool kind!string name!string uid!string
        PersistentVolumeClaimSpec
            accessModes.[]string dataSource.TypedLocalObjectReference dataSourceRef.TypedObjectReference
            resources.VolumeResourceRequirements selector.LabelSelector storageClassName.string
            volumeAttributesClassName.string volumeMode.string volumeName.string
        PersistentVolumeClaimTemplate
            metadata.ObjectMeta spec.PersistentVolumeClaimSpec
        PersistentVolumeClaimVolumeSource
            claimName.string readOnly.bool
        PhotonPersistentDiskVolumeSource
            fsType.string pdID.string
        Pod
            apiVersion.string kind.string metadata+ObjectMeta spec+PodSpec status.PodStatus
        PodAffinity
            preferredDuringSchedulingIgnoredDuringExecution+[]WeightedPodAffinityTerm
            requiredDuringSchedulingIgnoredDuringExecution+[]PodAffinityTerm
        PodAffinityTerm
            labelSelector+LabelSelector matchLabelKeys+[]string mismatchLabelKeys+[]string
            namespaceSelector+LabelSelector namespaces+[]string topologyKey+string
        PodAntiAffinity
            preferredDuringSchedulingIgnoredDuringExecution+[]WeightedPodAffinityTerm
            requiredDuringSchedulingIgnoredDuringExecution+[]PodAffinityTerm
        PodCertificateProjection
            certificateChainPath.string credentialBundlePath.string keyPath.string keyType.string
            maxExpirationSeconds.int32 signerName.string userAnnotations.{}string
        PodCondition
            lastProbeTime.time lastTransitionTime.time message.string observedGeneration.int64 reason.string
            status.string type.string
        PodDNSConfig
            nameservers.[]string options.[]PodDNSConfigOption searches.[]string
        PodDNSConfigOption
            name.string value.string
        PodDisruptionBudget
            apiVersion.string kind.string metadata+ObjectMeta spec+PodDisruptionBudgetSpec
            status.PodDisruptionBudgetStatus
        PodDisruptionBudgetSpec
            maxUnavailable+intstr minAvailable+intstr selector+LabelSelector unhealthyPodEvictionPolicy+string
        PodDisruptionBudgetStatus
            conditions.[]Condition currentHealthy.int32 desiredHealthy.int32 disruptedPods.{}time
            disruptionsAllowed.int32 expectedPods.int32 observedGeneration.int64
        PodExtendedResourceClaimStatus
            requestMappings.[]ContainerExtendedResourceRequest resourceClaimName.string
        PodIP
            ip.string
        PodOS
            name.string
        PodReadinessGate
            conditionType.string
        PodResourceClaim
            name.string resourceClaimName.string resourceClaimTemplateName.string
        PodResourceClaimStatus
            name.string resourceClaimName.string
        PodSchedulingGate
            name+string
        PodSchedulingGroup
            podGroupName.string
        PodSecurityContext
            appArmorProfile.AppArmorProfile fsGroup.int64 fsGroupChangePolicy.string runAsGroup.int64 runAsNonRoot.bool
            runAsUser.int64 seLinuxChangePolicy.string seLinuxOptions.SELinuxOptions seccompProfile.SeccompProfile
            supplementalGroups.[]int64 supplementalGroupsPolicy.string sysctls.[]Sysctl
            windowsOptions.WindowsSecurityContextOptions
        PodSpec
            activeDeadlineSeconds!int64 affinity+Affinity automountServiceAccountToken.bool containers+[]Container
            dnsConfig.PodDNSConfig dnsPolicy.string enableServiceLinks.bool ephemeralContainers![]EphemeralContainer
            hostAliases.[]HostAlias hostIPC.bool hostNetwork!bool hostPID.bool hostUsers.bool hostname.string
            hostnameOverride.string imagePullSecrets.[]LocalObjectReference initContainers![]Container nodeName+string
            nodeSelector+{}string os.PodOS overhead!{}quantity preemptionPolicy!string=PreemptLowerPriority
            priority.int32 priorityClassName!string readinessGates![]PodReadinessGate resourceClaims![]PodResourceClaim
            resources!ResourceRequirements restartPolicy!string=Always runtimeClassName!string
            schedulerName!string=default-scheduler schedulingGates+[]PodSchedulingGate
            schedulingGroup!PodSchedulingGroup securityContext.PodSecurityContext serviceAccount.string
            serviceAccountName.string setHostnameAsFQDN.bool shareProcessNamespace.bool subdomain.string
            terminationGracePeriodSeconds+int64 tolerations+[]Toleration
            topologySpreadConstraints+[]TopologySpreadConstraint volumes.[]Volume
        PodStatus
            allocatedResources.{}quantity conditions.[]PodCondition containerStatuses.[]ContainerStatus
            ephemeralContainerStatuses.[]ContainerStatus extendedResourceClaimStatus.PodExtendedResourceClaimStatus
            hostIP.string hostIPs.[]HostIP initContainerStatuses.[]ContainerStatus message.string
            nodeAllocatableResourceClaimStatuses.[]NodeAllocatableResourceClaimStatus nominatedNodeName.string
            observedGeneration.int64 phase.string podIP.string podIPs.[]PodIP qosClass.string reason.string
            resize.string resourceClaimStatuses.[]PodResourceClaimStatus resources.ResourceRequirements startTime.time
        PodTemplateSpec
            metadata+ObjectMeta spec+PodSpec
        PolicyRule
            apiGroups.[]string nonResourceURLs.[]string resourceNames.[]string resources.[]string verbs.[]string
        PortStatus
            error.string port.int32 protocol.string
        PortworxVolumeSource
            fsType.string readOnly.bool volumeID.string
        Preconditions
            resourceVersion+string uid+string
        PreferredSchedulingTerm
            preference+NodeSelectorTerm weight+int32
        PriorityClass
            apiVersion.string description.string globalDefault!bool kind.string metadata+ObjectMeta
            preemptionPolicy.string value.int32
        Probe
            exec.ExecAction failureThreshold.int32 grpc.GRPCAction httpGet.HTTPGetAction initialDelaySeconds.int32
            periodSeconds.int32 successThreshold.int32 tcpSocket.TCPSocketAction terminationGracePeriodSeconds.int64
            timeoutSeconds.int32
        ProjectedVolumeSource
            defaultMode.int32 sources.[]VolumeProjection
        QuobyteVolumeSource
            group.string readOnly.bool registry.string tenant.string user.string volume.string
        RBDVolumeSource
            fsType.string image.string keyring.string monitors.[]string pool.string readOnly.bool
            secretRef.LocalObjectReference user.string
        ReplicaSet
            apiVersion.string kind.string metadata+ObjectMeta spec+ReplicaSetSpec status.ReplicaSetStatus
        ReplicaSetCondition
            lastTransitionTime.time message.string reason.string status.string type.string
        ReplicaSetSpec
            minReadySeconds+int32 replicas+int32 selector+LabelSelector template+PodTemplateSpec
        ReplicaSetStatus
            availableReplicas.int32 conditions.[]ReplicaSetCondition fullyLabeledReplicas.int32 observedGeneration.int64
            readyReplicas.int32 replicas.int32 terminatingReplicas.int32
        ResourceClaim
            name.string request.string
        ResourceFieldSelector
            containerName.string divisor.quantity resource.string
        ResourceHealth
            health.string message.string resourceID.string
        ResourceRequirements
            claims![]ResourceClaim limits!{}quantity requests!{}quantity
        ResourceStatus
            name.string resources.[]ResourceHealth
        Role
            apiVersion.string kind.string metadata+ObjectMeta rules.[]PolicyRule
        RoleBinding
            apiVersion.string kind.string metadata+ObjectMeta roleRef.RoleRef subjects.[]Subject
        RoleRef
            apiGroup.string kind.string name.string
        RollingUpdateDaemonSet
            maxSurge+intstr maxUnavailable+intstr
        RollingUpdateDeployment
            maxSurge+intstr maxUnavailable+intstr
        SELinuxOptions
            level.string role.string type.string user.string
        Scale
            apiVersion.string kind.string metadata+ObjectMeta spec+ScaleSpec status.ScaleStatus
        ScaleIOVolumeSource
            fsType.string gateway.string protectionDomain.string readOnly.bool secretRef.LocalObjectReference
            sslEnabled.bool storageMode.string storagePool.string system.string volumeName.string
        ScaleSpec
            replicas+int32
        ScaleStatus
            replicas.int32 selector.string
        SeccompProfile
            localhostProfile.string type.string
        Secret
            apiVersion.string data+{}bytes immutable+bool kind.string metadata+ObjectMeta stringData+{}string
            type+string
        SecretEnvSource
            name.string optional.bool
        SecretKeySelector
            key.string name.string optional.bool
        SecretProjection
            items.[]KeyToPath name.string optional.bool
        SecretVolumeSource
            defaultMode.int32 items.[]KeyToPath optional.bool secretName.string
        SecurityContext
            allowPrivilegeEscalation.bool appArmorProfile.AppArmorProfile capabilities.Capabilities privileged.bool
            procMount.string readOnlyRootFilesystem.bool runAsGroup.int64 runAsNonRoot.bool runAsUser.int64
            seLinuxOptions.SELinuxOptions seccompProfile.SeccompProfile windowsOptions.WindowsSecurityContextOptions
        SelectableField
            jsonPath.string
        Service
            apiVersion.string kind.string metadata+ObjectMeta spec+ServiceSpec status.ServiceStatus
        ServiceAccount
            apiVersion.string automountServiceAccountToken.bool imagePullSecrets.[]LocalObjectReference kind.string
            metadata+ObjectMeta secrets.[]ObjectReference
        ServiceAccountTokenProjection
            audience.string expirationSeconds.int64 path.string
        ServicePort
            appProtocol.string name+string nodePort+int32 port+int32 protocol+string targetPort+intstr
        ServiceReference
            name.string namespace.string path.string port.int32
        ServiceSpec
            allocateLoadBalancerNodePorts!bool=true clusterIP+string clusterIPs+[]string externalIPs![]string
            externalName!string externalTrafficPolicy+string healthCheckNodePort+int32
            internalTrafficPolicy!string=Cluster ipFamilies.[]string ipFamilyPolicy.string loadBalancerClass!string
            loadBalancerIP!string loadBalancerSourceRanges![]string ports+[]ServicePort publishNotReadyAddresses+bool
            selector+{}string sessionAffinity!string=None sessionAffinityConfig!SessionAffinityConfig
            trafficDistribution!string type+string
        ServiceStatus
            conditions.[]Condition loadBalancer.LoadBalancerStatus
        SessionAffinityConfig
            clientIP.ClientIPConfig
        SleepAction
            seconds+int64
        StorageOSVolumeSource
            fsType.string readOnly.bool secretRef.LocalObjectReference volumeName.string volumeNamespace.string
        Subject
            apiGroup.string kind.string name.string namespace.string
        Sysctl
            name.string value.string
        TCPSocketAction
            host.string port.intstr
        Taint
            effect+string key+string timeAdded+time value+string
        Toleration
            effect+string key+string operator+string tolerationSeconds+int64 value+string
        TopologySpreadConstraint
            labelSelector+LabelSelector matchLabelKeys+[]string maxSkew+int32 minDomains+int32 nodeAffinityPolicy+string
            nodeTaintsPolicy+string topologyKey+string whenUnsatisfiable+string
        TypedLocalObjectReference
            apiGroup.string kind.string name.string
        TypedObjectReference
            apiGroup.string kind.string name.string namespace.string
        ValidationRule
            fieldPath.string message.string messageExpression.string optionalOldSelf.bool reason.string rule.string
        Volume
            awsElasticBlockStore!AWSElasticBlockStoreVolumeSource azureDisk!AzureDiskVolumeSource
            azureFile!AzureFileVolumeSource cephfs!CephFSVolumeSource cinder!CinderVolumeSource
            configMap.ConfigMapVolumeSource csi!CSIVolumeSource downwardAPI.DownwardAPIVolumeSource
            emptyDir.EmptyDirVolumeSource ephemeral!EphemeralVolumeSource fc!FCVolumeSource flexVolume!FlexVolumeSource
            flocker!FlockerVolumeSource gcePersistentDisk!GCEPersistentDiskVolumeSource gitRepo!GitRepoVolumeSource
            glusterfs!GlusterfsVolumeSource hostPath.HostPathVolumeSource image!ImageVolumeSource
            iscsi!ISCSIVolumeSource name.string nfs!NFSVolumeSource
            persistentVolumeClaim!PersistentVolumeClaimVolumeSource
            photonPersistentDisk!PhotonPersistentDiskVolumeSource portworxVolume!PortworxVolumeSource
            projected.ProjectedVolumeSource quobyte!QuobyteVolumeSource rbd!RBDVolumeSource scaleIO!ScaleIOVolumeSource
            secret.SecretVolumeSource storageos!StorageOSVolumeSource vsphereVolume!VsphereVirtualDiskVolumeSource
        VolumeDevice
            devicePath.string name.string
        VolumeMount
            mountPath.string mountPropagation.string name.string readOnly.bool recursiveReadOnly.string subPath.string
            subPathExpr.string
        VolumeMountStatus
            mountPath.string name.string readOnly.bool recursiveReadOnly.string volumeStatus.VolumeStatus
        VolumeProjection
            clusterTrustBundle.ClusterTrustBundleProjection configMap.ConfigMapProjection
            downwardAPI.DownwardAPIProjection podCertificate.PodCertificateProjection secret.SecretProjection
            serviceAccountToken.ServiceAccountTokenProjection
        VolumeResourceRequirements
            limits.{}quantity requests.{}quantity
        VolumeStatus
            image.ImageVolumeStatus
        VsphereVirtualDiskVolumeSource
            fsType.string storagePolicyID.string storagePolicyName.string volumePath.string
        WebhookClientConfig
            caBundle.bytes service.ServiceReference url.string
        WebhookConversion
            clientConfig.WebhookClientConfig conversionReviewVersions.[]string
        WeightedPodAffinityTerm
            podAffinityTerm+PodAffinityTerm weight+int32
        WindowsSecurityContextOptions
            gmsaCredentialSpec.string gmsaCredentialSpecName.string hostProcess.bool runAsUserName.string
        """
}
