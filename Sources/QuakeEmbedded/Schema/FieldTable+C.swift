extension FieldTable {
    /// Gateways (gateway.networking.k8s.io/v1) and autoscalers (autoscaling/v2).
    static let partC = """
        CrossVersionObjectReference
            apiVersion.string kind.string name.string
        Gateway
            apiVersion.string kind.string metadata+ObjectMeta spec+GatewaySpec status.any
        GatewayClass
            apiVersion.string kind.string metadata+ObjectMeta spec+GatewayClassSpec status.any
        GatewayClassSpec
            controllerName.string description.string parametersRef!any
        GatewaySpec
            addresses!any allowedListeners!any defaultScope!string gatewayClassName+string infrastructure!any
            listeners.any tls!any
        HPAScalingPolicy
            periodSeconds.int32 type.string value.int32
        HPAScalingRules
            policies.[]HPAScalingPolicy selectPolicy.string stabilizationWindowSeconds.int32 tolerance.quantity
        HorizontalPodAutoscaler
            apiVersion.string kind.string metadata+ObjectMeta spec!HorizontalPodAutoscalerSpec
            status.HorizontalPodAutoscalerStatus
        HorizontalPodAutoscalerBehavior
            scaleDown.HPAScalingRules scaleUp.HPAScalingRules
        HorizontalPodAutoscalerSpec
            behavior.HorizontalPodAutoscalerBehavior maxReplicas.int32 metrics.[]MetricSpec minReplicas.int32
            scaleTargetRef.CrossVersionObjectReference
        HorizontalPodAutoscalerStatus
            conditions.[]Condition currentMetrics.[]any currentReplicas.int32 desiredReplicas.int32 lastScaleTime.time
            observedGeneration.int64
        MetricIdentifier
            name.string selector.LabelSelector
        MetricSource
            container.string describedObject.CrossVersionObjectReference metric.MetricIdentifier name.string
            target.MetricTarget
        MetricSpec
            containerResource.MetricSource external.MetricSource object.MetricSource pods.MetricSource
            resource.MetricSource type.string
        MetricTarget
            averageUtilization.int32 averageValue.quantity type.string value.quantity
        """
}
