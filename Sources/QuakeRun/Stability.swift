import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan

/// Whether a cluster is fit for a trial to begin: every node Ready that the trial has to do with, every gateway serving.
/// Pure, but for the objects that it is given.
struct Stability: Sendable, Equatable {
    /// Why the trial must wait; `nil` where it need not.
    var obstacle: String?
    /// Nodes that are not Ready, that no step may work on, and that run no part of the mesh: none of the trial's concern.
    var bystanders: [String] = []

    /// - Parameters:
    ///   - nodes: of the cluster.
    ///   - targets: nodes that any step of the trial may work on.
    ///   - meshPods: the pods of every part of the mesh.
    ///   - gateways: those of the gateways among them.
    init(nodes: [JSONValue], targets: Set<String>, meshPods: [JSONValue], gateways: [JSONValue]) {
        let hosts = Set(meshPods.compactMap { PodView($0).node })
        for node in nodes.map({ NodeView($0) }) {
            guard let trouble = Self.trouble(of: node) else { continue }
            if targets.contains(node.name) || hosts.contains(node.name) || node.isControlPlane {
                obstacle = obstacle ?? trouble
            } else {
                bystanders.append(node.name)
            }
        }
        for pod in gateways where pod.isBeingDeleted || !PodView(pod).isReady {
            obstacle = obstacle ?? "\(pod.name) is not ready"
        }
    }

    private static func trouble(of node: NodeView) -> String? {
        if !node.isReady { return "\(node.name) is not Ready" }
        return node.taintKeys.contains(WellKnown.unreachable) ? "\(node.name) is still tainted" : nil
    }
}
