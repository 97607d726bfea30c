/// Runs `body`, and cancels it when the time is up.
///
/// - Parameters:
///   - what: the work in words; the time-out names it.
///   - clock: that the limit is measured on.
/// - Throws: ``PollTimeout`` when it was cancelled for its time; else what `body` throws.
package func bounded<Value: Sendable, C: Clock>(
    _ what: String, within limit: Duration, clock: C, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value where C.Duration == Duration {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw PollTimeout(awaited: what, within: limit, last: "it was still running")
        }
        return value
    }
}

/// As above, on the machine's own clock.
package func bounded<Value: Sendable>(
    _ what: String, within limit: Duration, _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await bounded(what, within: limit, clock: ContinuousClock(), body)
}
