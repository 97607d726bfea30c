/// What one look at something awaited showed.
package enum Look<Value: Sendable>: Sendable {
    case met(Value)
    /// Not yet; what was seen instead, for the message of a time-out.
    case notYet(String)
}

/// Something was not met in time.
package struct PollTimeout: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was waited for, as in "west-worker2 Ready".
    package var awaited: String
    package var within: Duration
    /// What the last look saw.
    package var last: String

    package init(awaited: String, within: Duration, last: String) {
        self.awaited = awaited
        self.within = within
        self.last = last
    }

    package var description: String {
        let tenths = (within / .milliseconds(100)).rounded() / 10
        let seconds = tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
        return "\(awaited): not within \(seconds) s; last seen: \(last)"
    }
}

/// Looks at something every `pause` until it is as awaited.
///
/// Looks once at least, and once more when the time is up, so that a long pause loses nothing that came in time. Where it takes
/// longer than ``Waits/patience``, ``Waits/listener`` is told what is waited for, and what was last seen.
///
/// - Parameters:
///   - awaited: what is waited for, in words; the time-out names it.
///   - within: counts from the call, on `clock`.
///   - look: throws where waiting has no sense any more, as when what is waited for has died.
/// - Throws: ``PollTimeout`` with the last observation; `CancellationError`; what `look` throws.
package func poll<Value: Sendable, C: Clock>(
    until awaited: String, within limit: Duration, every pause: Duration, clock: C,
    look: () async throws -> Look<Value>
) async throws -> Value where C.Duration == Duration {
    let began = clock.now
    let deadline = began.advanced(by: limit)
    var word = began.advanced(by: Waits.patience)
    while true {
        let isLast = clock.now >= deadline
        switch try await look() {
        case .met(let value): return value
        case .notYet(let seen):
            if isLast { throw PollTimeout(awaited: awaited, within: limit, last: seen) }
            if clock.now >= word, let listener = Waits.listener {
                listener(Waits.words(awaited, began.duration(to: clock.now), of: limit, last: seen))
                word = clock.now.advanced(by: Waits.interval)
            }
        }
        let left = clock.now.duration(to: deadline)
        try await clock.sleep(for: min(pause, max(left, .zero)))
    }
}

/// As above, on the machine's own clock.
package func poll<Value: Sendable>(
    until awaited: String, within limit: Duration, every pause: Duration, look: () async throws -> Look<Value>
) async throws -> Value {
    try await poll(until: awaited, within: limit, every: pause, clock: ContinuousClock(), look: look)
}
