/// `kubectl scale`.
package struct ScaleWorkload: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "scale", summary: "Sets the number of replicas of a workload.",
        example: "scale: {cluster: west, hosting: demo/deployment/echo, replicas: 3}",
        inverse: InverseWords("sets the replicas as they were before", step: "as many replicas as there were"),
        traits: [.disruption, .rollsOut], takes: .workload(kinds: ["deployment", "statefulset", "replicaset"]),
        keys: [replicasKey.key, RolloutWait.key.key])

    private static let replicasKey = Key.number(required: "replicas", in: 0...1000, help: "The number of replicas.")

    package var cluster: String
    package var hosting: Hosting
    package var replicas: Int
    /// `nil`: the workload's own `progressDeadlineSeconds`.
    package var within: Duration?

    package init(cluster: String, _ hosting: Hosting, replicas: Int, within: Duration? = nil) {
        self.within = within
        self.cluster = cluster
        self.hosting = hosting
        self.replicas = replicas
    }

    package init?(reading reader: inout ActionReader) {
        let workload = reader.workload()
        let replicas = reader.read(Self.replicasKey)
        let within = reader.read(RolloutWait.key)
        guard let workload, let replicas else { return nil }
        self.init(cluster: workload.cluster, workload.hosting, replicas: replicas, within: within)
    }

    package var scope: ActionScope { .workload(hosting, cluster: cluster) }
    package var rolloutLimit: Duration? { within }
    package var longestWait: Duration { within ?? RolloutWait.usual }
}
