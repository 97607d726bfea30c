/// The fields that kubeadm decodes, out of the types of Kubernetes 1.36: a type a line, with its fields and their types,
/// where `[T]` is a list and `{T}` a mapping. What other packages define is `any`.
extension DocumentSchema {
    /// cmd/kubeadm/app/apis/kubeadm/v1beta3/types.go, which v1beta2 hardly differs from.
    static let mappings = DocumentSchema(
        """
        ClusterConfiguration etcd:Etcd networking:Networking kubernetesVersion:string \
          controlPlaneEndpoint:string apiServer:APIServer controllerManager:ControlPlaneComponent \
          scheduler:ControlPlaneComponent dns:DNS certificatesDir:string imageRepository:string \
          featureGates:{bool} clusterName:string
        InitConfiguration bootstrapTokens:[BootstrapToken] nodeRegistration:NodeRegistrationOptions \
          localAPIEndpoint:APIEndpoint certificateKey:string skipPhases:[string] patches:Patches
        JoinConfiguration nodeRegistration:NodeRegistrationOptions caCertPath:string discovery:Discovery \
          controlPlane:JoinControlPlane skipPhases:[string] patches:Patches
        Etcd local:LocalEtcd external:ExternalEtcd
        Networking serviceSubnet:string podSubnet:string dnsDomain:string
        APIServer extraArgs:{string} extraVolumes:[HostPathMount] certSANs:[string] \
          timeoutForControlPlane:duration
        ControlPlaneComponent extraArgs:{string} extraVolumes:[HostPathMount]
        DNS imageRepository:string imageTag:string
        BootstrapToken token:string description:string ttl:duration expires:any usages:[string] groups:[string]
        NodeRegistrationOptions name:string criSocket:string taints:[Taint] kubeletExtraArgs:{string} \
          ignorePreflightErrors:[string] imagePullPolicy:string
        APIEndpoint advertiseAddress:string bindPort:int
        Patches directory:string
        Discovery bootstrapToken:BootstrapTokenDiscovery file:FileDiscovery tlsBootstrapToken:string \
          timeout:duration
        JoinControlPlane localAPIEndpoint:APIEndpoint certificateKey:string
        LocalEtcd imageRepository:string imageTag:string dataDir:string extraArgs:{string} \
          serverCertSANs:[string] peerCertSANs:[string]
        ExternalEtcd endpoints:[string] caFile:string certFile:string keyFile:string
        HostPathMount name:string hostPath:string mountPath:string readOnly:bool pathType:string
        Taint key:string value:string effect:string timeAdded:string
        BootstrapTokenDiscovery token:string apiServerEndpoint:string caCertHashes:[string] \
          unsafeSkipCAVerification:bool
        FileDiscovery kubeConfigPath:string
        """)

    /// cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go.
    static let lists = DocumentSchema(
        """
        ClusterConfiguration etcd:Etcd networking:Networking kubernetesVersion:string \
          controlPlaneEndpoint:string apiServer:APIServer controllerManager:ControlPlaneComponent \
          scheduler:ControlPlaneComponent dns:DNS proxy:Proxy certificatesDir:string imageRepository:string \
          featureGates:{bool} clusterName:string encryptionAlgorithm:string certificateValidityPeriod:duration \
          caCertificateValidityPeriod:duration
        InitConfiguration bootstrapTokens:[BootstrapToken] dryRun:bool nodeRegistration:NodeRegistrationOptions \
          localAPIEndpoint:APIEndpoint certificateKey:string skipPhases:[string] patches:Patches \
          timeouts:Timeouts
        JoinConfiguration dryRun:bool nodeRegistration:NodeRegistrationOptions caCertPath:string \
          discovery:Discovery controlPlane:JoinControlPlane skipPhases:[string] patches:Patches \
          timeouts:Timeouts
        Etcd local:LocalEtcd external:ExternalEtcd
        Networking serviceSubnet:string podSubnet:string dnsDomain:string
        APIServer extraArgs:[Arg] extraVolumes:[HostPathMount] extraEnvs:[EnvVar] certSANs:[string]
        ControlPlaneComponent extraArgs:[Arg] extraVolumes:[HostPathMount] extraEnvs:[EnvVar]
        DNS imageRepository:string imageTag:string disabled:bool
        Proxy disabled:bool
        BootstrapToken token:string description:string ttl:duration expires:any usages:[string] groups:[string]
        NodeRegistrationOptions name:string criSocket:string taints:[Taint] kubeletExtraArgs:[Arg] \
          ignorePreflightErrors:[string] imagePullPolicy:string imagePullSerial:bool
        APIEndpoint advertiseAddress:string bindPort:int
        Patches directory:string
        Timeouts controlPlaneComponentHealthCheck:duration kubeletHealthCheck:duration \
          kubernetesAPICall:duration etcdAPICall:duration tlsBootstrap:duration discovery:duration \
          upgradeManifests:duration
        Discovery bootstrapToken:BootstrapTokenDiscovery file:FileDiscovery tlsBootstrapToken:string
        JoinControlPlane localAPIEndpoint:APIEndpoint certificateKey:string
        LocalEtcd imageRepository:string imageTag:string dataDir:string extraArgs:[Arg] extraEnvs:[EnvVar] \
          serverCertSANs:[string] peerCertSANs:[string]
        ExternalEtcd endpoints:[string] httpEndpoints:[string] caFile:string certFile:string keyFile:string
        Arg name:string value:string
        HostPathMount name:string hostPath:string mountPath:string readOnly:bool pathType:string
        EnvVar name:string value:string valueFrom:any
        Taint key:string value:string effect:string timeAdded:string
        BootstrapTokenDiscovery token:string apiServerEndpoint:string caCertHashes:[string] \
          unsafeSkipCAVerification:bool
        FileDiscovery kubeConfigPath:string
        """)

    /// staging/src/k8s.io/kubelet/config/v1beta1/types.go.
    static let kubelet = DocumentSchema(
        """
        KubeletConfiguration enableServer:bool staticPodPath:string podLogsDir:string syncFrequency:duration \
          fileCheckFrequency:duration httpCheckFrequency:duration staticPodURL:string \
          staticPodURLHeader:{[string]} address:string port:int readOnlyPort:int tlsCertFile:string \
          tlsPrivateKeyFile:string tlsCipherSuites:[string] tlsCurvePreferences:[int] tlsMinVersion:string \
          rotateCertificates:bool serverTLSBootstrap:bool authentication:KubeletAuthentication \
          authorization:KubeletAuthorization registryPullQPS:int registryBurst:int \
          imagePullCredentialsVerificationPolicy:string preloadedImagesVerificationAllowlist:[string] \
          eventRecordQPS:int eventBurst:int enableDebuggingHandlers:bool enableContentionProfiling:bool \
          healthzPort:int healthzBindAddress:string oomScoreAdj:int clusterDomain:string clusterDNS:[string] \
          streamingConnectionIdleTimeout:duration nodeStatusUpdateFrequency:duration \
          nodeStatusReportFrequency:duration nodeLeaseDurationSeconds:int imageMinimumGCAge:duration \
          imageMaximumGCAge:duration imageGCHighThresholdPercent:int imageGCLowThresholdPercent:int \
          volumeStatsAggPeriod:duration kubeletCgroups:string systemCgroups:string cgroupRoot:string \
          cgroupsPerQOS:bool cgroupDriver:string cpuManagerPolicy:string singleProcessOOMKill:bool \
          cpuManagerPolicyOptions:{string} cpuManagerReconcilePeriod:duration memoryManagerPolicy:string \
          topologyManagerPolicy:string topologyManagerScope:string topologyManagerPolicyOptions:{string} \
          qosReserved:{string} runtimeRequestTimeout:duration hairpinMode:string maxPods:int podCIDR:string \
          podPidsLimit:int resolvConf:string runOnce:bool cpuCFSQuota:bool cpuCFSQuotaPeriod:duration \
          nodeStatusMaxImages:int maxOpenFiles:int contentType:string kubeAPIQPS:int kubeAPIBurst:int \
          serializeImagePulls:bool maxParallelImagePulls:int evictionHard:{string} evictionSoft:{string} \
          evictionSoftGracePeriod:{string} evictionPressureTransitionPeriod:duration \
          evictionMaxPodGracePeriod:int evictionMinimumReclaim:{string} mergeDefaultEvictionSettings:bool \
          podsPerCore:int enableControllerAttachDetach:bool protectKernelDefaults:bool \
          makeIPTablesUtilChains:bool iptablesMasqueradeBit:int iptablesDropBit:int featureGates:{bool} \
          failSwapOn:bool memorySwap:MemorySwapConfiguration containerLogMaxSize:string containerLogMaxFiles:int \
          containerLogMaxWorkers:int containerLogMonitorInterval:duration \
          configMapAndSecretChangeDetectionStrategy:string systemReserved:{string} kubeReserved:{string} \
          reservedSystemCPUs:string showHiddenMetricsForVersion:string systemReservedCgroup:string \
          kubeReservedCgroup:string enforceNodeAllocatable:[string] allowedUnsafeSysctls:[string] \
          volumePluginDir:string providerID:string kernelMemcgNotification:bool logging:any \
          enableSystemLogHandler:bool enableSystemLogQuery:bool shutdownGracePeriod:duration \
          shutdownGracePeriodCriticalPods:duration \
          shutdownGracePeriodByPodPriority:[ShutdownGracePeriodByPodPriority] \
          crashLoopBackOff:CrashLoopBackOffConfig reservedMemory:[MemoryReservation] enableProfilingHandler:bool \
          enableDebugFlagsHandler:bool seccompDefault:bool memoryThrottlingFactor:float \
          memoryReservationPolicy:string registerWithTaints:[Taint] registerNode:bool tracing:any \
          localStorageCapacityIsolation:bool containerRuntimeEndpoint:string imageServiceEndpoint:string \
          failCgroupV1:bool userNamespaces:UserNamespaces
        KubeletAuthentication x509:KubeletX509Authentication webhook:KubeletWebhookAuthentication \
          anonymous:KubeletAnonymousAuthentication
        KubeletAuthorization mode:string webhook:KubeletWebhookAuthorization
        MemorySwapConfiguration swapBehavior:string
        ShutdownGracePeriodByPodPriority priority:int shutdownGracePeriodSeconds:int
        CrashLoopBackOffConfig maxContainerRestartPeriod:duration
        MemoryReservation numaNode:int limits:any
        Taint key:string value:string effect:string timeAdded:string
        UserNamespaces idsPerPod:int
        KubeletX509Authentication clientCAFile:string
        KubeletWebhookAuthentication enabled:bool cacheTTL:duration
        KubeletAnonymousAuthentication enabled:bool
        KubeletWebhookAuthorization cacheAuthorizedTTL:duration cacheUnauthorizedTTL:duration
        """)

    /// staging/src/k8s.io/kube-proxy/config/v1alpha1/types.go.
    static let kubeProxy = DocumentSchema(
        """
        KubeProxyConfiguration featureGates:{bool} clientConnection:any logging:any hostnameOverride:string \
          bindAddress:string healthzBindAddress:string metricsBindAddress:string bindAddressHardFail:bool \
          enableProfiling:bool showHiddenMetricsForVersion:string mode:string \
          iptables:KubeProxyIPTablesConfiguration ipvs:KubeProxyIPVSConfiguration \
          nftables:KubeProxyNFTablesConfiguration winkernel:KubeProxyWinkernelConfiguration \
          detectLocalMode:string detectLocal:DetectLocalConfiguration clusterCIDR:string \
          nodePortAddresses:[string] oomScoreAdj:int conntrack:KubeProxyConntrackConfiguration \
          configSyncPeriod:duration portRange:string windowsRunAsService:bool
        KubeProxyIPTablesConfiguration masqueradeBit:int masqueradeAll:bool localhostNodePorts:bool \
          syncPeriod:duration minSyncPeriod:duration
        KubeProxyIPVSConfiguration syncPeriod:duration minSyncPeriod:duration scheduler:string \
          excludeCIDRs:[string] strictARP:bool tcpTimeout:duration tcpFinTimeout:duration udpTimeout:duration
        KubeProxyNFTablesConfiguration masqueradeBit:int masqueradeAll:bool syncPeriod:duration \
          minSyncPeriod:duration
        KubeProxyWinkernelConfiguration networkName:string sourceVip:string enableDSR:bool \
          rootHnsEndpointName:string forwardHealthCheckVip:bool
        DetectLocalConfiguration bridgeInterface:string interfaceNamePrefix:string
        KubeProxyConntrackConfiguration maxPerCore:int min:int tcpEstablishedTimeout:duration \
          tcpCloseWaitTimeout:duration tcpBeLiberal:bool udpTimeout:duration udpStreamTimeout:duration
        """)
}
