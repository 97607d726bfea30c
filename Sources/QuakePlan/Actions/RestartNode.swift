/// Switches nodes off in order and on again.
package struct RestartNode: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "restart-node", summary: "Stops nodes gracefully and starts them again.",
        example: "restart-node: {cluster: west, nodes: {names: [west-worker]}}\nuntil: {node: Ready, within: 2m}",
        inverse: InverseWords("starts a node that is still down", step: "start the node"), traits: [.downsNodes],
        takes: .nodes)

    package var targets: NodeTargets

    package init(_ targets: NodeTargets) { self.targets = targets }

    package init?(reading reader: inout ActionReader) {
        guard let targets = reader.nodes() else { return nil }
        self.init(targets)
    }

    package var scope: ActionScope { .nodes(targets) }
}
