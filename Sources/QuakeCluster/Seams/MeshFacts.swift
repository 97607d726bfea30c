package import QuakePlan

/// What a mesh says of itself before a trial: for reports, and for a plan's formulas.
package struct MeshFacts: Sendable, Equatable {
    /// Parameters for reports.
    package var texts: [String: String]
    /// Words that `when` may ask for; without those that the mesh does not know.
    package var words: [FactWord: String]
    /// Cluster → after how long at most the health check of its load balancer excludes a dead node; without those that
    /// cannot be read.
    package var healthCheckOut: [String: Duration]
    /// Cluster → after how long at most its proxies give up a shared tunnel to a dead end; zero where streams share none,
    /// and without those that cannot be read.
    package var tunnelGiveUp: [String: Duration]
    /// It tells whose gateway carries a traffic, by records of its dials or by what its gateways count.
    package var knowsCarriers: Bool
    /// It tells which addresses its clients may dial.
    package var recordsTargets: Bool

    package init(
        texts: [String: String] = [:], words: [FactWord: String] = [:], healthCheckOut: [String: Duration] = [:],
        tunnelGiveUp: [String: Duration] = [:], knowsCarriers: Bool = true,
        recordsTargets: Bool = true
    ) {
        self.texts = texts
        self.words = words
        self.healthCheckOut = healthCheckOut
        self.tunnelGiveUp = tunnelGiveUp
        self.knowsCarriers = knowsCarriers
        self.recordsTargets = recordsTargets
    }
}
