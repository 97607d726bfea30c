/// `kubectl rollout restart`.
package struct RolloutRestart: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "rollout-restart", summary: "Replaces the pods of a workload by its own update strategy.",
        example: "rollout-restart: {cluster: west, hosting: istiod}",
        inverse: InverseWords("restores the pod template", step: "the pod template as it was"),
        traits: [.disruption, .movesPods], takes: .workload(kinds: ["deployment", "daemonset", "statefulset"]))

    package var cluster: String
    package var hosting: Hosting

    package init(cluster: String, _ hosting: Hosting) {
        self.cluster = cluster
        self.hosting = hosting
    }

    package init?(reading reader: inout ActionReader) {
        guard let workload = reader.workload() else { return nil }
        self.init(cluster: workload.cluster, workload.hosting)
    }

    package var scope: ActionScope { .workload(hosting, cluster: cluster) }
}
