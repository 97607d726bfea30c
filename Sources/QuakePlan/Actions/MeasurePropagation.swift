/// How soon a change in a cluster is known to those who send requests to it.
package struct MeasurePropagation: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "measure-propagation",
        summary:
            "Adds a gateway pod on a further node, or a backend pod, takes it away again, and measures how soon the clients "
            + "of the cluster know.",
        example: "measure-propagation: {cluster: west, change: target, repeat: 5, within: 8s}",
        inverse: InverseWords("deletes the pod that it has made", step: "delete the pod that it has made"),
        traits: [.changes], takes: .cluster, keys: [changeKey.key, repeatKey.key, withinKey.key])

    private static let changeKey = Key.choice(
        "change", default: Propagation.Change.target,
        help:
            "`target`: a gateway pod, until each peer's set of targets has its node, and until it lacks it; via LoadBalancer, "
            + "the health check of the load balancer. `endpoint`: a backend pod, until it answers on each lane of fresh "
            + "connections.")
    private static let repeatKey = Key.number(
        "repeat", default: 1, in: 1...100, help: "How often the pod is added and taken away.")
    private static let withinKey = Key.duration(
        "within", default: .seconds(10), .positive,
        help: "How long each change is waited for; what has not arrived by then is a lower bound.")

    package var cluster: String
    package var change: Propagation.Change
    /// How often, at least once.
    package var rounds: Int
    /// How long each change is waited for.
    package var within: Duration

    package init(
        cluster: String, change: Propagation.Change = .target, rounds: Int = 1, within: Duration = .seconds(10)
    ) {
        self.cluster = cluster
        self.change = change
        self.rounds = rounds
        self.within = within
    }

    package init?(reading reader: inout ActionReader) {
        let cluster = reader.cluster()
        change = reader.read(Self.changeKey)
        rounds = reader.read(Self.repeatKey)
        within = reader.read(Self.withinKey)
        reader.measures(within: within)
        guard let cluster else { return nil }
        self.cluster = cluster
        switch change {
        case .target where reader.clusters.allSatisfy { $0 == cluster }:
            reader.report(
                "change: target is what the peers of \(cluster) know, and the plan has no other cluster",
                at: Self.changeKey.key)
        case .endpoint where !reader.traffic.contains { $0.to == cluster && $0.connections.contains(.new) }:
            reader.report(
                "change: endpoint is seen by requests over fresh connections, and no traffic to \(cluster) has "
                    + "\"connections: [new]\"", at: Self.changeKey.key)
        default: break
        }
    }

    package var scope: ActionScope { .cluster(cluster) }

    /// Each pod may take a while to be Ready, and each of its changes as long as is waited for it.
    package var longestWait: Duration {
        (Self.patience + within * (change == .target ? 2 : 1)) * rounds + Self.patience
    }

    /// How long a pod may take to be Ready, and to be gone once it was deleted.
    package static let patience = Duration.seconds(60)
}
