/// How the plans of claims are run on embedded clusters with quick configs; elsewhere they run as they are.
package struct PracticeRun: Sendable, Equatable {
    /// Relative to `Plans`, without its ending.
    package var plan: String
    /// `--set` of each.
    package var quick: [String]
    /// The kind configs: `kind-configs/PREFIX-east.yaml` and `-west.yaml`.
    package var configs: String

    /// One for each plan that a claim is measured by, in the order of the claims.
    package static let all: [PracticeRun] = BestPractices.plans.map { plan in
        let special = special[plan]
        return PracticeRun(
            plan: plan, quick: (special?.quick ?? []).merged(over: ["baseline=2s", "hold=4s", "settle=2s"]),
            configs: special?.configs ?? "quick")
    }

    private static let special: [String: (quick: [String], configs: String)] = [
        "drain-blocked-by-pdb": (["drainTimeout=6s"], "quick"),
        "practices/too-few-nodes": (["patience=5s"], "quick"),
        // Longer than the pods that are to go repel others.
        // And longer than gateways that go keep their tunnels, which the killed node is chosen by.
        "practices/topology-key": (["patience=10s", "hold=6s", "settle=5s"], "quick"),
        "practices/topology-spread-key": (["patience=20s"], "quick"),
        "practices/zone-loss": (["patience=10s"], "quick"),
        "practices/replicas-equal-nodes": (["patience=20s"], "quick"),
        "practices/istiod-placement": (["hold=6s", "reconnect=6s"], "quick"),
        "practices/xds-address": (["hold=6s"], "quick"),
        // The client's keepalive finds a dead stream within 2 s.
        "practices/propagation": (["hold=6s", "within=6s"], "quick"),
        // Nothing is lost where a node is replaced before an evicted gateway has gone.
        "practices/expiry-budget": (["provisioningTime=10s", "short=3s"], "quick"),
        "practices/expiry-ages": (["age=2s", "interval=24s", "provisioningTime=10s"], "quick"),
        "practices/expiry-values": (
            ["first=2s", "middle=26s", "last=50s", "provisioningTime=10s"], "quick"
        ),
        "practices/pod-to-pod": ([], "quick-single"),
        "practices/targets": ([], "quick-single"),
        // The lease is renewed every 2 s.
        "practices/grace-period-kill": (["grace=2s,4s,8s,12s"], "quick-lease"),
        "practices/grace-period-blip": (
            [
                "half=1s", "one=2s", "two=4s", "four=8s", "six=12s", "brief=600ms", "renewal=2s", "long=6s",
            ], "quick-lease"
        ),
    ]
}

extension [String] {
    /// With what of the others names something else.
    fileprivate func merged(over others: [String]) -> [String] {
        let names = Set(compactMap { $0.split(separator: "=").first })
        return others.filter { !names.contains($0.split(separator: "=").first ?? "") } + self
    }
}
