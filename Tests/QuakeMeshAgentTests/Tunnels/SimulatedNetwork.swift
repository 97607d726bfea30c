@testable import QuakeMeshAgent

/// What a network, or the process at its far end, does between two times, and what TCP makes of it: pure.
///
/// Times count from the fault. TCP's own times are Linux's (net/ipv4/tcp_timer.c, net/ipv4/tcp_input.c).
struct SimulatedNetwork {
    enum Fault: Sendable {
        /// All packets are dropped, both ways.
        case silent
        /// The link is down: as silent, but a dial learns that there is no route.
        case linkDown
        /// The far process is stopped; its kernel goes on.
        case stopped
        /// The far process is killed, and its kernel goes on.
        case killed
        /// The far process is asked to end, and ends after ``TunnelTimes/drain``.
        case terminated
        /// Each packet is answered with RST.
        case resetting
    }

    var fault: Fault
    /// How long the fault lasts; it begins at 0.
    var length: Duration
    /// TCP_USER_TIMEOUT at the near end; nil is off.
    var userTimeout: Duration?

    /// One way.
    static let latency = Duration.milliseconds(1)
    /// From the first transmission to the first retransmission: RTO_MIN, and the variance of a short round trip.
    private static let firstRetransmission = Duration.milliseconds(214)
    private static let longestRetransmission = Duration.seconds(120)
    /// Linux sends a SYN at these seconds (net.ipv4.tcp_syn_linear_timeouts = 4, since 6.5), each a little late.
    private static let synSeconds: [Double] = [0, 1, 2, 3, 4, 5, 7, 11, 19, 35].map { $0 * 1.027 }
    /// How long neighbour discovery asks three times.
    private static let neighbourTimeout = Duration.milliseconds(3070)
    /// What a user time-out needs beyond itself: it is seen at a retransmission.
    private static let userTimeoutSlack = Duration.milliseconds(200)
    /// From the start of a killed or ended process until it listens.
    private static let start = Duration.milliseconds(200)

    private func isDuring(_ now: Duration) -> Bool { now >= .zero && now < length }

    /// Whether a packet that is sent now is lost.
    func drops(at now: Duration) -> Bool {
        switch fault {
        case .silent, .linkDown: isDuring(now)
        case .stopped, .killed, .terminated, .resetting: false
        }
    }

    /// Whether a packet that is sent now is answered with RST.
    func resets(at now: Duration) -> Bool {
        if case .resetting = fault { isDuring(now) } else { false }
    }

    /// When the far process does what has come for it by now.
    func serves(at now: Duration) -> Duration {
        if case .stopped = fault, isDuring(now) { length } else { now }
    }

    /// When something reaches the far kernel that was first sent at `sent` and lost: with its first retransmission
    /// after the fault, each of which waits twice as long as the one before.
    func retransmission(of sent: Duration) -> Duration {
        var wait = Self.firstRetransmission
        var at = sent + wait
        while drops(at: at) {
            wait = min(wait * 2, Self.longestRetransmission)
            at += wait
        }
        return at
    }

    /// When an end with a user time-out gives a connection up that lost what was sent at `sent`.
    func userTimedOut(_ sent: Duration) -> Duration? {
        userTimeout.map { sent + $0 + Self.userTimeoutSlack }
    }

    enum Connect {
        case connected(at: Duration)
        case failed(at: Duration, TunnelPool.Failure)
        /// Not with any SYN.
        case never
    }

    /// What becomes of a dial that begins now, if nobody ends it.
    func connect(at now: Duration) -> Connect {
        switch fault {
        case .killed, .terminated:
            guard now >= .zero, now < length + Self.start else { break }
            return .failed(at: now + Self.latency, .refused)
        case .resetting where isDuring(now): return .failed(at: now + Self.latency, .refused)
        default: break
        }
        let syn = Self.synSeconds.map { now + .seconds($0) }.first { !drops(at: $0) }
        if let limit = connectLimit(at: now), limit.at <= syn ?? limit.at {
            return .failed(at: limit.at, limit.failure)
        }
        guard let syn else { return .never }
        return .connected(at: syn + Self.latency * 2)
    }

    /// When the kernel itself gives a dial up that begins now.
    private func connectLimit(at now: Duration) -> (at: Duration, failure: TunnelPool.Failure)? {
        if case .linkDown = fault, drops(at: now) { return (now + Self.neighbourTimeout, .noRoute) }
        guard let userTimeout else { return nil }
        return (now + userTimeout + .milliseconds(30), .connectTimeout)
    }

    /// When a handshake is done that begins now: two round trips, and what the fault adds.
    func handshake(at now: Duration) -> Duration {
        let sent = drops(at: now) ? retransmission(of: now) : now
        return serves(at: sent + Self.latency) + Self.latency * 3
    }
}
