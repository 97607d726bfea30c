/// How long a change takes to reach the peers' clients. Nothing carries it out yet.
package struct MeasurePropagation: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "measure-propagation",
        summary: "Measures how long a change in a cluster takes to reach its peers' clients.",
        example: "measure-propagation: {cluster: west}", inverse: .none, traits: [], takes: .cluster)

    package var cluster: String

    package init(cluster: String) { self.cluster = cluster }

    package init?(reading reader: inout ActionReader) {
        guard let cluster = reader.cluster() else { return nil }
        self.init(cluster: cluster)
    }

    package var scope: ActionScope { .cluster(cluster) }
}
