import QuakeBase

/// What a failure costs new connections whose tunnels have a connection each: the formulas of `tunnels: single`.
///
///     silence      began ── SYN ── 1 s ── SYN ── 2 s ── SYN ── 4 s ── SYN ── … the first one after the silence is answered
///     stopped      began ── accepted by the kernel ── CONNECT, answered when the process goes on
///     refused      began ── RST at once
///     each of them is given up at began + limit
///
/// With a limit of 10 s the last SYN follows 7 s after the first. So of a silence of L, those fail that began before
/// L − 7 s: rate · (L − 7 s) of them, each 10 s after it began. Of a process that was stopped for L, rate · (L − 10 s).
///
/// Times count from the beginning of the failure.
package struct SingleTunnelLoss: Sendable, Equatable {
    /// How the other end fails.
    package enum Fault: Sendable {
        /// Every packet is dropped.
        case silent
        /// Its kernel lives and its process does not go on.
        case stopped
        /// Nobody listens.
        case refused
    }

    /// TCP's limit and that of the answer to CONNECT together.
    package var dialLimit: Duration
    /// From the first SYN to the second; each later wait is twice as long (Linux's `TCP_TIMEOUT_INIT`).
    package var firstWait: Duration

    package init(dialLimit: Duration = .seconds(10), firstWait: Duration = .seconds(1)) {
        self.dialLimit = dialLimit
        self.firstWait = firstWait
    }

    /// How a request ends.
    package struct Outcome: Sendable, Equatable {
        package var began: Duration
        package var ended: Duration
        package var isGood: Bool

        package init(began: Duration, ended: Duration, isGood: Bool) {
            self.began = began
            self.ended = ended
            self.isGood = isGood
        }
    }

    /// - Parameters:
    ///   - began: not negative.
    ///   - length: of the failure.
    package func outcome(of began: Duration, in fault: Fault, lasting length: Duration) -> Outcome {
        let answered =
            switch fault {
            case .silent: firstSYN(from: began, notBefore: length)
            case .stopped: max(began, length)
            case .refused: began
            }
        let isGood = answered - began < dialLimit && (fault != .refused || began >= length)
        return Outcome(began: began, ended: isGood || fault == .refused ? answered : began + dialLimit, isGood: isGood)
    }

    private func firstSYN(from began: Duration, notBefore end: Duration) -> Duration {
        var wait = firstWait
        var sent = began
        while wait > .zero, sent < end, (sent - began) < dialLimit {
            sent += wait
            wait += wait
        }
        return sent
    }

    /// Of requests at a steady rate, from the failure's beginning until all are as they were before it.
    ///
    /// - Parameters:
    ///   - rate: requests a second; positive.
    ///   - phase: when the first of them begins.
    package func outcomes(of fault: Fault, lasting length: Duration, rate: Double, phase: Duration) -> [Outcome] {
        let count = Int(((length - phase).inSeconds + dialLimit.inSeconds) * rate) + 1
        return (0..<max(1, count)).map { number in
            outcome(of: phase + .seconds(Double(number) / rate), in: fault, lasting: length)
        }
    }
}
