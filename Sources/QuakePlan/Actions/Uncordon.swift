/// `kubectl uncordon`.
package struct Uncordon: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "uncordon", summary: "Makes nodes schedulable again.", example: "uncordon: {step: cordon-1}",
        inverse: InverseWords(
            "cordons the nodes that it uncordoned", step: "cordon, where the node was cordoned before this run"),
        traits: [.changes], takes: .nodes, heals: .leavesNodesCordoned)

    package var targets: NodeTargets

    package init(_ targets: NodeTargets) { self.targets = targets }

    package init?(reading reader: inout ActionReader) {
        guard let targets = reader.nodes() else { return nil }
        self.init(targets)
    }

    package var scope: ActionScope { .nodes(targets) }
}
