import QuakeBase
import QuakeDecoding
package import QuakeKube
import QuakeSim

/// A Deployment that a peering depends on, with its pods and what decides where they run.
package struct Workload: Sendable {
    /// What it is to the mesh.
    package enum Role: String, Sendable {
        case gateway, istiod

        var words: String { self == .gateway ? "gateway" : "istiod" }
    }

    package let role: Role
    package let namespace: String
    /// The Deployment's name, or the Gateway's where there is no Deployment.
    package let name: String
    /// `nil` where there is none.
    package let deployment: JSONValue?
    /// The Gateway object; `nil` for istiod, and for the stand-in's gateway.
    package let gateway: JSONValue?
    /// Those that have not ended, in the order of their names.
    package let pods: [PodView]
    /// Nodes where its pods may run, cordoned and NotReady ones included; why it is not known.
    private let places: Result<[NodeView], Unchecked>
    let template: PodTemplate

    init(
        _ role: Role, deployment: JSONValue?, gateway: JSONValue? = nil, pods all: [JSONValue],
        nodes: Result<[PlacedNode], Unchecked>
    ) {
        let object = deployment ?? gateway ?? .null
        self.role = role
        self.deployment = deployment
        self.gateway = gateway
        namespace = object.namespace
        name = object.name
        let selector = deployment?[path: "spec.selector"]
        pods = all.filter { pod in
            guard pod.namespace == object.namespace else { return false }
            if let selector { return selector.selects(pod.labels) }
            return pod.labels[WellKnown.gatewayName] == object.name
        }.map { PodView($0) }.filter { !$0.isFinished }.sorted { $0.name < $1.name }
        let template = Decode.template(deployment?[path: "spec.template"])
        self.template = template
        places = nodes.map { $0.filter { $0.admits(template) }.map(\.view) }
    }

    /// What evidence is about.
    var object: JSONValue { deployment ?? gateway ?? .null }
    var title: String { "\(role.words) \(namespace)/\(name)" }
    /// Of its pods' template; `.null` where there is no Deployment.
    var spec: JSONValue { deployment?[path: "spec.template.spec"] ?? .null }
    var labels: [String: String] { template.labels }
    /// What the Deployment asks for.
    var replicas: Int { deployment?[path: "spec.replicas"]?.intValue ?? 1 }
    /// That take requests, or will once they are ready: on a node, and not terminating.
    var placed: [PodView] { pods.filter { $0.node != nil && !$0.isBeingDeleted } }
    var ready: [PodView] { placed.filter(\.isReady) }

    /// - Throws: ``Unchecked`` where the nodes are not known.
    func eligible() throws -> [NodeView] { try places.get() }

    /// Node → its pods there, of those that are placed.
    var byNode: [String: [PodView]] { Dictionary(grouping: placed) { $0.node ?? "" } }
}

/// A node with what keeps pods away from it, as the scheduler's model has it. Cordons, and taints that say how the node
/// fares now, are left out: they pass.
struct PlacedNode: Sendable {
    let view: NodeView
    private let node: Node

    init(_ object: JSONValue) {
        view = NodeView(object)
        let taints = Decode.taints(object, known: [], now: .start).filter {
            !WellKnown.isConditionTaint($0.key) && $0.key != WellKnown.disrupted
        }
        node = Node(name: object.name, labels: object.labels, taints: taints)
    }

    func admits(_ template: PodTemplate) -> Bool {
        if let names = template.placement.nodeNames, !names.contains(node.name) { return false }
        return template.selects(node) && template.tolerates(node)
    }
}
