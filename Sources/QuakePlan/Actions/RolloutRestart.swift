/// `kubectl rollout restart`.
package struct RolloutRestart: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "rollout-restart", summary: "Replaces the pods of a workload by its own update strategy.",
        example: "rollout-restart: {cluster: west, hosting: istiod}",
        inverse: InverseWords("restores the pod template", step: "the pod template as it was"),
        traits: [.disruption, .rollsOut], takes: .workload(kinds: ["deployment", "daemonset", "statefulset"]),
        keys: [RolloutWait.key.key])

    package var cluster: String
    package var hosting: Hosting
    /// `nil`: the workload's own `progressDeadlineSeconds`.
    package var within: Duration?

    package init(cluster: String, _ hosting: Hosting, within: Duration? = nil) {
        self.cluster = cluster
        self.hosting = hosting
        self.within = within
    }

    package init?(reading reader: inout ActionReader) {
        let within = reader.read(RolloutWait.key)
        guard let workload = reader.workload() else { return nil }
        self.init(cluster: workload.cluster, workload.hosting, within: within)
    }

    package var scope: ActionScope { .workload(hosting, cluster: cluster) }
    package var rolloutLimit: Duration? { within }
    package var longestWait: Duration { within ?? RolloutWait.usual }
}
