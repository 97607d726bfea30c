import QuakeBase
import QuakeKube

/// How soon a control plane takes a silent node for dead.
///
/// A patch of kubeadm's ClusterConfiguration that names no apiVersion and gives flags as a map: the one form that
/// kind takes for v1beta3 (Kubernetes up to 1.35) and v1beta4.
struct KubeadmBlock {
    static let flag = "node-monitor-grace-period"
    /// Of a kubelet: a quarter of its lease of 40 s.
    static let renewal = Duration.seconds(10)

    let parameters: ManifestParameters

    /// `nil` where the grace period is left alone.
    func block() -> ManifestBlock? {
        guard let grace = parameters.gracePeriod else { return nil }
        let document: JSONValue = [
            "kind": "ClusterConfiguration",
            "controllerManager": ["extraArgs": [Self.flag: .string(grace.flagText)]],
        ]
        return ManifestBlock(
            kind: .kubeadmPatch, file: "kind-cluster.yaml",
            usage: "kind create cluster --config kind-cluster.yaml, or add kubeadmConfigPatches to your own kind "
                + "configuration",
            reasons: [
                times(grace),
                "Shorter finds failures sooner and takes more interruptions of the network for one; longer is the "
                    + "opposite. Kubernetes' default is 40 s up to 1.31 and 50 s from 1.32.",
                "On a cluster that runs, give --\(Self.flag)=\(grace.flagText) to every kube-controller-manager, in "
                    + "kubeadm's case in /etc/kubernetes/manifests/kube-controller-manager.yaml. Managed control "
                    + "planes do not let you.",
            ],
            body: [
                "kind": "Cluster", "apiVersion": "kind.x-k8s.io/v1alpha4",
                "kubeadmConfigPatches": [.string(document.yamlText)],
            ])
    }

    /// `pkg/controller/nodelifecycle` (k8s.io/kubernetes) looks at every lease once a monitor period, counts from
    /// the renewal that it saw last, and is itself up to half a second late.
    private func times(_ grace: Duration) -> String {
        let renewal = parameters.cluster?.leaseRenewal ?? Self.renewal
        let monitor = parameters.cluster?.monitorPeriod ?? .seconds(5)
        let passes = grace.roundedUp(to: monitor)
        let (first, last) = (max(.zero, passes - renewal), passes + monitor + .milliseconds(500))
        return "A node that falls silent becomes NotReady \(Self.words(first)) to \(Self.words(last)) later (leases "
            + "renewed every \(Self.words(renewal)), looked at every \(Self.words(monitor))). With NodePort peering, "
            + "peers send to it until then."
    }

    /// `40 s`, `55.5 s`.
    static func words(_ time: Duration) -> String {
        time.isWholeSeconds ? "\(time.components.seconds) s" : "\(time.inSeconds) s"
    }
}
