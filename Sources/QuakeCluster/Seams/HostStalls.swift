/// Who knows when all nodes of a cluster stood still at once, with the host that they share: what was lost then says
/// nothing of the cluster.
package protocol HostStalls: Sendable {
    /// - Parameter number: of the last stall that is known already; 0 for none.
    /// - Returns: later ones, in order.
    func stalls(after number: Int) async throws -> [HostStall]
}

/// A while in which a host stood still.
package struct HostStall: Sendable, Equatable {
    /// Counts from 1; two hosts that are one give it the same.
    package var number: Int
    /// In nanoseconds of this machine's CLOCK_MONOTONIC.
    package var from: Int64
    package var to: Int64

    package init(number: Int, from: Int64, to: Int64) {
        self.number = number
        self.from = from
        self.to = to
    }
}
