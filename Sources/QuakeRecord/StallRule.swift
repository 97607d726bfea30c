/// What a lane's samples tell of the machine that probes: whether it stalled itself.
///
/// Analysis and the run under way go by the same rule.
package struct StallRule: Sendable {
    @usableFromInline let limit: Int64
    @usableFromInline let role: Lane.Role

    package init(_ lane: Lane) {
        limit = max(lane.periodNanoseconds, 10_000_000)
        role = lane.role
    }

    /// Sent more than max(T, 10 ms) after its due time, or not at all for want of time; of the loopback control, not
    /// answered well. A lane within the server cluster tells nothing of it.
    @inlinable
    package func isStall(due: RunInstant, sent: RunInstant, outcome: Outcome) -> Bool {
        switch role {
        case .probe: sent.nanoseconds - due.nanoseconds > limit || outcome == .clientOverload
        case .loopback: outcome != .ok
        case .sameCluster: false
        }
    }
}
