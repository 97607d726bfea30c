/// One end's pings on an HTTP/2 connection; both ends of a tunnel have one.
///
///     opened ── interval ──► ping ── pong ──► interval ──► ping …
///                              └── time-out without a pong ──► given up
///
/// Other traffic postpones nothing and answers nothing (ztunnel 1.27.9, `src/proxy/h2.rs`).
package struct TunnelKeepalive: Sendable, Equatable {
    /// What is to be done when the time has come.
    package enum Step: Sendable, Equatable {
        /// Nothing: it has not come.
        case wait
        /// Send a ping.
        case ping
        /// End the connection and all its streams.
        case giveUp
    }

    private let interval: Duration
    private let timeout: Duration
    private var isUnanswered = false
    /// When ``fire(at:)`` is to be called next: the next ping, or the end of one's time-out.
    package private(set) var due: Duration

    package init(openedAt opened: Duration, times: TunnelTimes) {
        interval = times.pingInterval
        timeout = times.pingTimeout
        due = opened + times.pingInterval
    }

    /// Decides what is due. A call before ``due`` changes nothing.
    package mutating func fire(at now: Duration) -> Step {
        guard now >= due else { return .wait }
        if isUnanswered { return .giveUp }
        isUnanswered = true
        due = now + timeout
        return .ping
    }

    /// Takes a pong.
    ///
    /// - Returns: whether a ping waited for one, so that ``due`` has changed.
    package mutating func answered(at now: Duration) -> Bool {
        guard isUnanswered else { return false }
        isUnanswered = false
        due = now + interval
        return true
    }
}
