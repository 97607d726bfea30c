/// Deletes pods of a workload; their controller makes new ones.
package struct DeletePods: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "delete-pods", summary: "Deletes pods of a workload; their controller makes new ones.",
        example: "delete-pods: {cluster: west, hosting: gateway, count: 1, gracePeriod: 0}",
        inverse: InverseWords("none: the controller replaces them", step: "none"),
        traits: [.disruption, .movesPods], takes: .workload(kinds: Hosting.kinds),
        keys: [countKey.key, gracePeriodKey.key])

    private static let countKey = Key.number(
        "count", otherwise: "all", in: 1...Key.largestNumber, help: "How many pods, chosen by the seed.")
    private static let gracePeriodKey = Key.duration(
        "gracePeriod", otherwise: "each pod's own", .wholeSeconds, help: "How long the pods have to end; 0: none.")

    package var cluster: String
    package var hosting: Hosting
    /// How many, chosen by the seed; `nil` for all.
    package var count: Int?
    /// `nil` leaves each pod its own grace period; zero deletes at once.
    package var gracePeriod: Duration?

    package init(cluster: String, hosting: Hosting, count: Int? = nil, gracePeriod: Duration? = nil) {
        self.cluster = cluster
        self.hosting = hosting
        self.count = count
        self.gracePeriod = gracePeriod
    }

    package init?(reading reader: inout ActionReader) {
        let workload = reader.workload()
        count = reader.read(Self.countKey)
        gracePeriod = reader.read(Self.gracePeriodKey)
        guard let workload else { return nil }
        cluster = workload.cluster
        hosting = workload.hosting
    }

    package var scope: ActionScope { .workload(hosting, cluster: cluster) }
}
