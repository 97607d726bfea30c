extension FieldTable {
    /// Types from AWSElasticBlockStoreVolumeSource to NodeDaemonEndpoints; how to read it says ``FieldTable``.
    static let partA = """
        AWSElasticBlockStoreVolumeSource
            fsType.string partition.int32 readOnly.bool volumeID.string
        Affinity
            nodeAffinity+NodeAffinity podAffinity+PodAffinity podAntiAffinity+PodAntiAffinity
        AggregationRule
            clusterRoleSelectors.[]LabelSelector
        AppArmorProfile
            localhostProfile.string type.string
        AttachedVolume
            devicePath.string name.string
        AzureDiskVolumeSource
            cachingMode.string diskName.string diskURI.string fsType.string kind.string readOnly.bool
        AzureFileVolumeSource
            readOnly.bool secretName.string shareName.string
        CSIVolumeSource
            driver.string fsType.string nodePublishSecretRef.LocalObjectReference readOnly.bool
            volumeAttributes.{}string
        Capabilities
            add.[]string drop.[]string
        CephFSVolumeSource
            monitors.[]string path.string readOnly.bool secretFile.string secretRef.LocalObjectReference user.string
        CinderVolumeSource
            fsType.string readOnly.bool secretRef.LocalObjectReference volumeID.string
        ClientIPConfig
            timeoutSeconds.int32
        ClusterRole
            aggregationRule.AggregationRule apiVersion.string kind.string metadata+ObjectMeta rules.[]PolicyRule
        ClusterRoleBinding
            apiVersion.string kind.string metadata+ObjectMeta roleRef.RoleRef subjects.[]Subject
        ClusterTrustBundleProjection
            labelSelector.LabelSelector name.string optional.bool path.string signerName.string
        Condition
            lastTransitionTime.time message.string observedGeneration.int64 reason.string status.string type.string
        ConfigMap
            apiVersion.string binaryData+{}bytes data+{}string immutable+bool kind.string metadata+ObjectMeta
        ConfigMapEnvSource
            name.string optional.bool
        ConfigMapKeySelector
            key.string name.string optional.bool
        ConfigMapNodeConfigSource
            kubeletConfigKey.string name.string namespace.string resourceVersion.string uid.string
        ConfigMapProjection
            items.[]KeyToPath name.string optional.bool
        ConfigMapVolumeSource
            defaultMode.int32 items.[]KeyToPath name.string optional.bool
        Container
            args+[]string command+[]string env+[]EnvVar envFrom.[]EnvFromSource image+string imagePullPolicy.string
            lifecycle+Lifecycle livenessProbe!Probe name+string ports+[]ContainerPort readinessProbe!Probe
            resizePolicy.[]ContainerResizePolicy resources!ResourceRequirements restartPolicy!string
            restartPolicyRules![]ContainerRestartRule securityContext.SecurityContext startupProbe!Probe stdin.bool
            stdinOnce.bool terminationMessagePath.string terminationMessagePolicy.string tty.bool
            volumeDevices.[]VolumeDevice volumeMounts.[]VolumeMount workingDir.string
        ContainerExtendedResourceRequest
            containerName.string requestName.string resourceName.string
        ContainerImage
            names.[]string sizeBytes.int64
        ContainerPort
            containerPort+int32 hostIP+string hostPort+int32 name+string protocol+string
        ContainerResizePolicy
            resourceName.string restartPolicy.string
        ContainerRestartRule
            action.string exitCodes.ContainerRestartRuleOnExitCodes
        ContainerRestartRuleOnExitCodes
            operator.string values.[]int32
        ContainerState
            running.ContainerStateRunning terminated.ContainerStateTerminated waiting.ContainerStateWaiting
        ContainerStateRunning
            startedAt.time
        ContainerStateTerminated
            containerID.string exitCode.int32 finishedAt.time message.string reason.string signal.int32 startedAt.time
        ContainerStateWaiting
            message.string reason.string
        ContainerStatus
            allocatedResources.{}quantity allocatedResourcesStatus.[]ResourceStatus containerID.string image.string
            imageID.string lastState.ContainerState name.string ready.bool resources.ResourceRequirements
            restartCount.int32 started.bool state.ContainerState stopSignal.string user.ContainerUser
            volumeMounts.[]VolumeMountStatus
        ContainerUser
            linux.LinuxContainerUser
        CustomResourceColumnDefinition
            description.string format.string jsonPath.string name.string priority.int32 type.string
        CustomResourceConversion
            strategy.string webhook.WebhookConversion
        CustomResourceDefinition
            apiVersion.string kind.string metadata+ObjectMeta spec+CustomResourceDefinitionSpec
            status.CustomResourceDefinitionStatus
        CustomResourceDefinitionCondition
            lastTransitionTime.time message.string observedGeneration.int64 reason.string status.string type.string
        CustomResourceDefinitionNames
            categories.[]string kind.string listKind.string plural.string shortNames.[]string singular.string
        CustomResourceDefinitionSpec
            conversion.CustomResourceConversion group.string names.CustomResourceDefinitionNames
            preserveUnknownFields.bool scope.string versions.[]CustomResourceDefinitionVersion
        CustomResourceDefinitionStatus
            acceptedNames.CustomResourceDefinitionNames conditions.[]CustomResourceDefinitionCondition
            observedGeneration.int64 storedVersions.[]string
        CustomResourceDefinitionVersion
            additionalPrinterColumns.[]CustomResourceColumnDefinition deprecated.bool deprecationWarning.string
            name.string schema.CustomResourceValidation selectableFields.[]SelectableField served.bool storage.bool
            subresources.CustomResourceSubresources
        CustomResourceSubresourceScale
            labelSelectorPath.string specReplicasPath.string statusReplicasPath.string
        CustomResourceSubresources
            scale.CustomResourceSubresourceScale status.any
        CustomResourceValidation
            openAPIV3Schema.JSONSchemaProps
        DaemonEndpoint
            Port.int32
        DaemonSet
            apiVersion.string kind.string metadata+ObjectMeta spec+DaemonSetSpec status.DaemonSetStatus
        DaemonSetCondition
            lastTransitionTime.time message.string reason.string status.string type.string
        DaemonSetSpec
            minReadySeconds+int32 revisionHistoryLimit.int32 selector+LabelSelector template+PodTemplateSpec
            updateStrategy+DaemonSetUpdateStrategy
        DaemonSetStatus
            collisionCount.int32 conditions.[]DaemonSetCondition currentNumberScheduled.int32
            desiredNumberScheduled.int32 numberAvailable.int32 numberMisscheduled.int32 numberReady.int32
            numberUnavailable.int32 observedGeneration.int64 updatedNumberScheduled.int32
        DaemonSetUpdateStrategy
            rollingUpdate+RollingUpdateDaemonSet type+string
        DeleteOptions
            apiVersion+string dryRun+[]string gracePeriodSeconds+int64
            ignoreStoreReadErrorWithClusterBreakingPotential+bool kind+string orphanDependents+bool
            preconditions+Preconditions propagationPolicy+string
        Deployment
            apiVersion.string kind.string metadata+ObjectMeta spec+DeploymentSpec status.DeploymentStatus
        DeploymentCondition
            lastTransitionTime.time lastUpdateTime.time message.string reason.string status.string type.string
        DeploymentSpec
            minReadySeconds+int32 paused+bool progressDeadlineSeconds+int32 replicas+int32 revisionHistoryLimit.int32
            selector+LabelSelector strategy+DeploymentStrategy template+PodTemplateSpec
        DeploymentStatus
            availableReplicas.int32 collisionCount.int32 conditions.[]DeploymentCondition observedGeneration.int64
            readyReplicas.int32 replicas.int32 terminatingReplicas.int32 unavailableReplicas.int32 updatedReplicas.int32
        DeploymentStrategy
            rollingUpdate+RollingUpdateDeployment type+string
        DownwardAPIProjection
            items.[]DownwardAPIVolumeFile
        DownwardAPIVolumeFile
            fieldRef.ObjectFieldSelector mode.int32 path.string resourceFieldRef.ResourceFieldSelector
        DownwardAPIVolumeSource
            defaultMode.int32 items.[]DownwardAPIVolumeFile
        EmptyDirVolumeSource
            medium.string sizeLimit.quantity
        Endpoint
            addresses.[]string conditions.EndpointConditions deprecatedTopology.{}string hints.EndpointHints
            hostname.string nodeName.string targetRef.ObjectReference zone.string
        EndpointConditions
            ready.bool serving.bool terminating.bool
        EndpointHints
            forNodes.[]ForNode forZones.[]ForZone
        EndpointPort
            appProtocol.string name.string port.int32 protocol.string
        EndpointSlice
            addressType.string apiVersion.string endpoints![]Endpoint kind.string metadata+ObjectMeta
            ports.[]EndpointPort
        EnvFromSource
            configMapRef.ConfigMapEnvSource prefix.string secretRef.SecretEnvSource
        EnvVar
            name+string value+string valueFrom+EnvVarSource
        EnvVarSource
            configMapKeyRef+ConfigMapKeySelector fieldRef+ObjectFieldSelector fileKeyRef+FileKeySelector
            resourceFieldRef+ResourceFieldSelector secretKeyRef+SecretKeySelector
        EphemeralContainer
            args.[]string command.[]string env.[]EnvVar envFrom.[]EnvFromSource image.string imagePullPolicy.string
            lifecycle.Lifecycle livenessProbe.Probe name.string ports.[]ContainerPort readinessProbe.Probe
            resizePolicy.[]ContainerResizePolicy resources.ResourceRequirements restartPolicy.string
            restartPolicyRules.[]ContainerRestartRule securityContext.SecurityContext startupProbe.Probe stdin.bool
            stdinOnce.bool targetContainerName.string terminationMessagePath.string terminationMessagePolicy.string
            tty.bool volumeDevices.[]VolumeDevice volumeMounts.[]VolumeMount workingDir.string
        EphemeralVolumeSource
            volumeClaimTemplate.PersistentVolumeClaimTemplate
        Event
            action.string apiVersion.string count.int32 eventTime.time firstTimestamp.time
            involvedObject.ObjectReference kind.string lastTimestamp.time message.string metadata+ObjectMeta
            reason.string related.ObjectReference reportingComponent.string reportingInstance.string series.EventSeries
            source.EventSource type.string
        EventSeries
            count.int32 lastObservedTime.time
        EventSource
            component.string host.string
        Eviction
            apiVersion.string deleteOptions+DeleteOptions kind.string metadata+ObjectMeta
        ExecAction
            command.[]string
        ExternalDocumentation
            description.string url.string
        FCVolumeSource
            fsType.string lun.int32 readOnly.bool targetWWNs.[]string wwids.[]string
        FileKeySelector
            key.string optional.bool path.string volumeName.string
        FlexVolumeSource
            driver.string fsType.string options.{}string readOnly.bool secretRef.LocalObjectReference
        FlockerVolumeSource
            datasetName.string datasetUUID.string
        ForNode
            name.string
        ForZone
            name.string
        GCEPersistentDiskVolumeSource
            fsType.string partition.int32 pdName.string readOnly.bool
        GRPCAction
            port.int32 service.string
        GitRepoVolumeSource
            directory.string repository.string revision.string
        GlusterfsVolumeSource
            endpoints.string path.string readOnly.bool
        HTTPGetAction
            host.string httpHeaders.[]HTTPHeader path.string port.intstr scheme.string
        HTTPHeader
            name.string value.string
        HostAlias
            hostnames.[]string ip.string
        HostIP
            ip.string
        HostPathVolumeSource
            path.string type.string
        ISCSIVolumeSource
            chapAuthDiscovery.bool chapAuthSession.bool fsType.string initiatorName.string iqn.string
            iscsiInterface.string lun.int32 portals.[]string readOnly.bool secretRef.LocalObjectReference
            targetPortal.string
        ImageVolumeSource
            pullPolicy.string reference.string
        ImageVolumeStatus
            imageRef.string
        JSONSchemaProps
            $ref.string $schema.string additionalItems.any additionalProperties.any allOf.[]JSONSchemaProps
            anyOf.[]JSONSchemaProps default.any definitions.{}JSONSchemaProps dependencies.{}any description.string
            enum.[]any example.any exclusiveMaximum.bool exclusiveMinimum.bool externalDocs.ExternalDocumentation
            format.string id.string items.any maxItems.int64 maxLength.int64 maxProperties.int64 maximum.double
            minItems.int64 minLength.int64 minProperties.int64 minimum.double multipleOf.double not.JSONSchemaProps
            nullable.bool oneOf.[]JSONSchemaProps pattern.string patternProperties.{}JSONSchemaProps
            properties.{}JSONSchemaProps required.[]string title.string type.string uniqueItems.bool
            x-kubernetes-embedded-resource.bool x-kubernetes-int-or-string.bool x-kubernetes-list-map-keys.[]string
            x-kubernetes-list-type.string x-kubernetes-map-type.string x-kubernetes-preserve-unknown-fields.bool
            x-kubernetes-validations.[]ValidationRule
        KeyToPath
            key.string mode.int32 path.string
        LabelSelector
            matchExpressions+[]LabelSelectorRequirement matchLabels+{}string
        LabelSelectorRequirement
            key+string operator+string values+[]string
        Lease
            apiVersion.string kind.string metadata+ObjectMeta spec+LeaseSpec
        LeaseSpec
            acquireTime.time holderIdentity.string leaseDurationSeconds.int32 leaseTransitions.int32
            preferredHolder.string renewTime.time strategy.string
        Lifecycle
            postStart!LifecycleHandler preStop+LifecycleHandler stopSignal!string
        LifecycleHandler
            exec!ExecAction httpGet!HTTPGetAction sleep+SleepAction tcpSocket!TCPSocketAction
        LinuxContainerUser
            gid.int64 supplementalGroups.[]int64 uid.int64
        LoadBalancerIngress
            hostname.string ip.string ipMode.string ports.[]PortStatus
        LoadBalancerStatus
            ingress.[]LoadBalancerIngress
        LocalObjectReference
            name.string
        ManagedFieldsEntry
            apiVersion.string fieldsType.string fieldsV1.any manager.string operation.string subresource.string
            time.time
        NFSVolumeSource
            path.string readOnly.bool server.string
        Namespace
            apiVersion.string kind.string metadata+ObjectMeta spec+NamespaceSpec status.NamespaceStatus
        NamespaceCondition
            lastTransitionTime.time message.string reason.string status.string type.string
        NamespaceSpec
            finalizers.[]string
        NamespaceStatus
            conditions.[]NamespaceCondition phase.string
        Node
            apiVersion.string kind.string metadata+ObjectMeta spec+NodeSpec status.NodeStatus
        NodeAddress
            address.string type.string
        NodeAffinity
            preferredDuringSchedulingIgnoredDuringExecution+[]PreferredSchedulingTerm
            requiredDuringSchedulingIgnoredDuringExecution+NodeSelector
        NodeAllocatableResourceClaimStatus
            containers.[]string resourceClaimName.string resources.{}quantity
        NodeClaim
            apiVersion.string kind.string metadata+ObjectMeta spec+NodeClaimSpec status.any
        NodeClaimSpec
            expireAfter+string nodeClassRef.any requirements.any resources.any startupTaints!any taints!any
            terminationGracePeriod+string
        NodeClaimTemplate
            metadata!any spec+NodeClaimTemplateSpec
        NodeClaimTemplateSpec
            expireAfter+string nodeClassRef.any requirements.any startupTaints!any taints!any
            terminationGracePeriod+string
        NodeCondition
            lastHeartbeatTime.time lastTransitionTime.time message.string reason.string status.string type.string
        NodeConfigSource
            configMap.ConfigMapNodeConfigSource
        NodeConfigStatus
            active.NodeConfigSource assigned.NodeConfigSource error.string lastKnownGood.NodeConfigSource
        NodeDaemonEndpoints
            kubeletEndpoint.DaemonEndpoint
        """
}
