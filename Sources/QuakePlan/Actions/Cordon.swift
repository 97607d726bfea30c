/// `kubectl cordon`.
package struct Cordon: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "cordon", summary: "Marks nodes unschedulable; what runs there stays.",
        example: "cordon: {cluster: west, nodes: {hosting: gateway, count: 1}}",
        inverse: InverseWords(
            "uncordons the nodes that it cordoned", step: "uncordon, where the node was not cordoned before"),
        traits: [.leavesNodesCordoned], takes: .nodes)

    package var targets: NodeTargets

    package init(_ targets: NodeTargets) { self.targets = targets }

    package init?(reading reader: inout ActionReader) {
        guard let targets = reader.nodes() else { return nil }
        self.init(targets)
    }

    package var scope: ActionScope { .nodes(targets) }
}
