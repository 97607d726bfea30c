package import QuakeRecord

/// An agent that keeps records: one ring of one pod, or of one load balancer.
package struct RecordAgent: Sendable {
    /// Tells it from every other one, those of other clusters among them.
    package var key: String
    /// Where it runs: a balancer in the client's cluster, a load balancer before its own.
    package var cluster: String
    /// In words, for messages.
    package var name: String
    /// What it has from a cursor on. Ends within seconds, by its answer or by throwing.
    package var page: @Sendable (_ cursor: UInt64) async throws -> RecordPage

    package init(
        key: String, cluster: String, name: String,
        page: @escaping @Sendable (_ cursor: UInt64) async throws -> RecordPage
    ) {
        self.key = key
        self.cluster = cluster
        self.name = name
        self.page = page
    }
}
