/// `kubectl scale`.
package struct ScaleWorkload: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "scale", summary: "Sets the number of replicas of a workload.",
        example: "scale: {cluster: west, hosting: demo/deployment/echo, replicas: 3}",
        inverse: InverseWords("sets the replicas as they were before", step: "as many replicas as there were"),
        traits: [.disruption, .movesPods], takes: .workload(kinds: ["deployment", "statefulset", "replicaset"]),
        keys: [replicasKey.key])

    private static let replicasKey = Key.number(required: "replicas", in: 0...1000, help: "How many there shall be.")

    package var cluster: String
    package var hosting: Hosting
    package var replicas: Int

    package init(cluster: String, _ hosting: Hosting, replicas: Int) {
        self.cluster = cluster
        self.hosting = hosting
        self.replicas = replicas
    }

    package init?(reading reader: inout ActionReader) {
        let workload = reader.workload()
        let replicas = reader.read(Self.replicasKey)
        guard let workload, let replicas else { return nil }
        self.init(cluster: workload.cluster, workload.hosting, replicas: replicas)
    }

    package var scope: ActionScope { .workload(hosting, cluster: cluster) }
}
