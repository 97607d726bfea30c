/// Disconnects nodes for a given time and connects them again.
package struct BlipNode: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "blip-node", summary: "Takes nodes off the network for a given time; everything on them keeps running.",
        example: "blip-node: {cluster: west, nodes: {hosting: gateway, count: 1}, length: 10s}",
        inverse: InverseWords("connects the nodes", step: "start the node"), traits: [.downsNodes], takes: .nodes,
        keys: [lengthKey.key], provableStates: [.ready, .notReady])

    private static let lengthKey = Key.duration(
        required: "length", .positive, help: "How long the nodes are off the network.")

    package var targets: NodeTargets
    package var length: Duration

    package init(_ targets: NodeTargets, length: Duration) {
        self.targets = targets
        self.length = length
    }

    package init?(reading reader: inout ActionReader) {
        length = reader.read(Self.lengthKey) ?? .zero
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    package var scope: ActionScope { .nodes(targets) }
    package var ownTime: Duration { length }
}
