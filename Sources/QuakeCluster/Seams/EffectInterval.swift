import QuakeBase

/// When a change took effect: at some moment from just before the first call that had an effect was made until that call
/// had returned.
///
///     journal ─ synced ─ mirrored ─┬─ from ── the call (POST, docker kill, kubectl) ── to ─┬─ whatever follows
///                                  └───────────── took effect somewhere in here ───────────┘
package struct EffectInterval: Sendable, Equatable {
    /// In nanoseconds of this machine's CLOCK_MONOTONIC.
    package var from: Int64
    package var to: Int64

    package init(from: Int64, to: Int64) {
        self.from = from
        self.to = to
    }

    /// CLOCK_MONOTONIC, which all processes of a machine share.
    package static var now: Int64 { SystemClock.monotonic }

    /// Makes the first call that has an effect, and what follows it.
    ///
    /// - Throws: what `first` throws, for then nothing may have happened; ``PartialEffect`` for what `rest` throws.
    package static func of(
        _ first: () async throws -> Void, then rest: () async throws -> Void = {}
    ) async throws -> EffectInterval {
        let from = EffectInterval.now
        try await first()
        let interval = EffectInterval(from: from, to: EffectInterval.now)
        do {
            try await rest()
        } catch {
            throw PartialEffect(interval: interval, cause: error)
        }
        return interval
    }
}

/// A change that failed after its first call had had its effect.
package struct PartialEffect: Error, CustomStringConvertible {
    package var interval: EffectInterval
    /// Why it failed.
    package var cause: any Error

    package init(interval: EffectInterval, cause: any Error) {
        self.interval = interval
        self.cause = cause
    }

    package var description: String { "\(cause)" }
}

/// An error that may say that what was asked for was refused, so that nothing has happened.
package protocol Refusal: Error {
    /// Whether nothing can have happened: a time-out or a lost connection says nothing of the kind.
    var isRefusal: Bool { get }
}
