/// Labels, annotations and taints that Kubernetes, Karpenter and Istio give a meaning to. Sources:
/// kubernetes.io/docs/reference/labels-annotations-taints, karpenter.sh/docs/concepts, istio.io/docs/reference/config.
package enum WellKnown {
    // MARK: - On Nodes

    package static let hostname = "kubernetes.io/hostname"
    package static let operatingSystem = "kubernetes.io/os"
    package static let architecture = "kubernetes.io/arch"
    package static let instanceType = "node.kubernetes.io/instance-type"
    package static let zone = "topology.kubernetes.io/zone"
    package static let region = "topology.kubernetes.io/region"
    package static let oldOperatingSystem = "beta.kubernetes.io/os"
    package static let oldArchitecture = "beta.kubernetes.io/arch"
    package static let oldInstanceType = "beta.kubernetes.io/instance-type"
    package static let oldZone = "failure-domain.beta.kubernetes.io/zone"
    package static let oldRegion = "failure-domain.beta.kubernetes.io/region"
    /// What a role's name follows.
    package static let rolePrefix = "node-role.kubernetes.io/"
    /// A label and a taint.
    package static let controlPlaneRole = "node-role.kubernetes.io/control-plane"
    /// A label and a taint, up to Kubernetes 1.24.
    package static let oldControlPlaneRole = "node-role.kubernetes.io/master"
    /// Load balancers leave a node with it out.
    package static let excludeFromLoadBalancers = "node.kubernetes.io/exclude-from-external-load-balancers"

    // MARK: - Taints

    package static let notReady = "node.kubernetes.io/not-ready"
    package static let unreachable = "node.kubernetes.io/unreachable"
    package static let unschedulable = "node.kubernetes.io/unschedulable"
    /// By hand: the node's pods are deleted by force.
    package static let outOfService = "node.kubernetes.io/out-of-service"

    /// Prefixes and endings of taints by which controllers and agents say how a node fares: nobody's decision.
    package static let conditionTaintPrefixes = [
        "node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "karpenter.sh/unregistered",
    ]
    /// As `node.cilium.io/agent-not-ready`.
    package static let conditionTaintEnding = "agent-not-ready"

    /// Whether a taint's key is one that a controller sets by the node's condition.
    package static func isConditionTaint(_ key: String) -> Bool {
        guard key != outOfService else { return false }
        return conditionTaintPrefixes.contains { key.hasPrefix($0) } || key.hasSuffix(conditionTaintEnding)
    }

    // MARK: - On other objects

    /// On an EndpointSlice: its Service.
    package static let serviceName = "kubernetes.io/service-name"
    /// On an EndpointSlice: the controller that made it.
    package static let sliceManagedBy = "endpointslice.kubernetes.io/managed-by"
    /// On a Namespace: its name.
    package static let namespaceName = "kubernetes.io/metadata.name"
    package static let managedBy = "app.kubernetes.io/managed-by"
    /// Of a namespace: the Pod Security level that its pods must keep to.
    package static let podSecurity = "pod-security.kubernetes.io/enforce"
    /// On what istiod's chart installs, and on namespaces: the control plane's revision.
    package static let istioRevision = "istio.io/rev"
    /// On a Deployment and its ReplicaSets.
    package static let revision = "deployment.kubernetes.io/revision"
    /// On a ReplicaSet and its pods.
    package static let podTemplateHash = "pod-template-hash"
    /// On a ControllerRevision and the pods of a DaemonSet or StatefulSet.
    package static let controllerRevisionHash = "controller-revision-hash"
    /// On a workload's template, by `kubectl rollout restart`.
    package static let restartedAt = "kubectl.kubernetes.io/restartedAt"
    /// By `kubectl apply`.
    package static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"
    /// On a Pod: it mirrors a static pod.
    package static let mirror = "kubernetes.io/config.mirror"
    /// The type of a Secret that is filled with an account's token.
    package static let accountToken = "kubernetes.io/service-account-token"
    /// On such a Secret: the account.
    package static let accountName = "kubernetes.io/service-account.name"
    /// On a watch's bookmark: the objects that were there have all been sent.
    package static let initialEventsEnd = "k8s.io/initial-events-end"

    // MARK: - Karpenter

    package static let nodePool = "karpenter.sh/nodepool"
    /// A taint on a node that Karpenter disrupts (karpenter.sh v1).
    package static let disrupted = "karpenter.sh/disrupted"
    /// On a Pod: Karpenter leaves it alone until the termination grace period is over.
    package static let doNotDisrupt = "karpenter.sh/do-not-disrupt"

    // MARK: - Istio and the Gateway API

    /// On the pods and the Service of a Gateway: its name.
    package static let gatewayName = "gateway.networking.k8s.io/gateway-name"
    package static let cluster = "topology.istio.io/cluster"
    package static let network = "topology.istio.io/network"
    /// On a Gateway: the name of what istiod makes of it.
    package static let gatewayNameOverride = "gateway.istio.io/name-override"
    /// On what istiod makes of a Gateway.
    package static let gatewayManaged = "gateway.istio.io/managed"
    /// On a ConfigMap in istiod's namespace: the class of Gateways that it customises.
    package static let gatewayDefaults = "gateway.istio.io/defaults-for-class"
    /// On what istiod's chart made: which part it is of.
    package static let istioComponent = "operator.istio.io/component"
    package static let gatewayServiceAccount = "gateway.istio.io/service-account"
    /// On a Namespace or a Pod: which data plane carries it.
    package static let dataplaneMode = "istio.io/dataplane-mode"
    /// On a Service: all clusters share it.
    package static let global = "istio.io/global"
}
