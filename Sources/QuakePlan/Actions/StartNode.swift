/// Starts nodes that an earlier step took down.
package struct StartNode: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "start-node", summary: "Brings killed nodes back.", example: "start-node: {step: kill-node-1}",
        inverse: .none,
        traits: [.movesPods, .needsPower], takes: .nodes, heals: .leavesNodesDown,
        provableStates: [.ready, .notReady])

    package var targets: NodeTargets

    package init(_ targets: NodeTargets) { self.targets = targets }

    package init?(reading reader: inout ActionReader) {
        guard let targets = reader.nodes() else { return nil }
        self.init(targets)
    }

    package var scope: ActionScope { .nodes(targets) }
}
