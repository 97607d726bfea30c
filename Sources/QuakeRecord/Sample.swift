import QuakeBase

/// A moment of a run: nanoseconds on the monotonic clock since the run's origin. May be negative.
package struct RunInstant: Sendable, Hashable, Comparable, Codable {
    package var nanoseconds: Int64

    @inlinable
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let origin = RunInstant(nanoseconds: 0)

    // All of them, and to be inlined: Comparable's own would be looked up for each of millions of samples.
    @inlinable
    /// By time.
    package static func < (a: RunInstant, b: RunInstant) -> Bool { a.nanoseconds < b.nanoseconds }
    @inlinable
    /// By time.
    package static func <= (a: RunInstant, b: RunInstant) -> Bool { a.nanoseconds <= b.nanoseconds }
    @inlinable
    package static func > (a: RunInstant, b: RunInstant) -> Bool { a.nanoseconds > b.nanoseconds }
    @inlinable
    package static func >= (a: RunInstant, b: RunInstant) -> Bool { a.nanoseconds >= b.nanoseconds }

    /// To the nanosecond, the rest cut off.
    package static func + (a: RunInstant, b: Duration) -> RunInstant {
        RunInstant(nanoseconds: a.nanoseconds + b.inNanoseconds)
    }

    /// From `b` to `a`; negative where `b` is the later one.
    package static func - (a: RunInstant, b: RunInstant) -> Duration {
        .nanoseconds(a.nanoseconds - b.nanoseconds)
    }

    package init(from decoder: any Decoder) throws {
        nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoseconds)
    }
}

/// How a request ended. A closed set of low cardinality; the full text of a failure stands beside it.
///
/// The raw values are written to archives: never reuse or reorder them.
package enum Outcome: UInt8, Sendable, Codable, CaseIterable {
    /// Answered rightly, by the expected cluster, within the deadline of its due time.
    case ok = 0
    case refused = 1
    case noRoute = 2
    case connectTimeout = 3
    case dns = 4
    case tls = 5
    case reset = 6
    case eof = 7
    /// The answer's bytes are not what the service sends, a header cut short included.
    case body = 8
    case responseTimeout = 9
    case httpStatus = 10
    /// A reused connection was silent.
    case reuseTimeout = 11
    /// libcurl resent the request by itself on a fresh connection.
    case hiddenRetry = 12
    /// Answered after its deadline.
    case late = 13
    case wrongCluster = 14
    /// The prober ran out of ports or descriptors.
    case clientError = 15
    /// The prober could not send the slot in time.
    case clientOverload = 16

    // Inlined, where the derived one would be looked up.
    @inlinable
    package static func == (a: Outcome, b: Outcome) -> Bool {
        if case .ok = b { if case .ok = a { true } else { false } } else { a.rawValue == b.rawValue }
    }

    /// The kebab-case name used in reports and exports.
    package var name: String {
        switch self {
        case .ok: "ok"
        case .refused: "refused"
        case .noRoute: "no-route"
        case .connectTimeout: "connect-timeout"
        case .dns: "dns"
        case .tls: "tls"
        case .reset: "reset"
        case .eof: "eof"
        case .body: "body"
        case .responseTimeout: "response-timeout"
        case .httpStatus: "http-status"
        case .reuseTimeout: "reuse-timeout"
        case .hiddenRetry: "hidden-retry"
        case .late: "late"
        case .wrongCluster: "wrong-cluster"
        case .clientError: "client-error"
        case .clientOverload: "client-overload"
        }
    }

    /// The prober's own failures count in no availability and in no outage.
    @inlinable
    package var isClientFailure: Bool {
        switch self {
        case .clientError, .clientOverload: true
        default: false
        }
    }

    /// Neither good nor the prober's own fault.
    package var isBad: Bool { self != .ok && !isClientFailure }
}

/// What became of one slot of a lane. Fixed width, no references: a run holds millions.
package struct Sample: Sendable, Hashable {
    /// Facts about a sample that are not its outcome.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        @inlinable
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// The request went over a connection that had carried one before.
        @inlinable
        package static var reused: Flags { Flags(rawValue: 1) }
        /// A pooled lane had no free connection: an extra one was opened and discarded after.
        @inlinable
        package static var extraConnection: Flags { Flags(rawValue: 2) }
        /// Cut off because the lane was stopped; never so in a run that closed in order.
        package static let abandoned = Flags(rawValue: 4)
        /// A stream's message that waited for a connection which an earlier one had asked for.
        package static let waited = Flags(rawValue: 8)

        /// Of a request that went over a place's own connection, and dialled it.
        @inlinable
        package var tellOfADial: Bool { rawValue & (Flags.reused.rawValue | Flags.extraConnection.rawValue) == 0 }
    }

    package var lane: LaneID
    /// Slot number n; due at the lane's origin + n × period.
    package var sequence: UInt64
    package var due: RunInstant
    /// When the request was handed to libcurl; equals `done` for a slot that was never sent.
    package var sent: RunInstant
    /// `nil` where no connection came about or an old one was reused.
    package var connected: RunInstant?
    /// `nil` where no byte of an answer came.
    package var firstByte: RunInstant?
    package var done: RunInstant
    package var outcome: Outcome
    package var flags: Flags
    /// 0 where there was no answer.
    package var httpStatus: UInt16
    /// 0 where the failure has none; never read from a success.
    package var errno: Int32
    /// Local TCP port, 0 where there was no socket.
    package var localPort: UInt16
    /// Numbers the lane's connections from 1; 0 where none came about.
    package var connection: UInt32
    /// Who answered: an index into the timeline's ``ServingIdentity`` table; 0 where nobody did.
    package var server: UInt32
    /// An index into the timeline's table of failure texts; 0 for none.
    package var text: UInt32

    package init(
        lane: LaneID, sequence: UInt64, due: RunInstant, sent: RunInstant, connected: RunInstant? = nil,
        firstByte: RunInstant? = nil, done: RunInstant, outcome: Outcome, flags: Flags = [], httpStatus: UInt16 = 0,
        errno: Int32 = 0, localPort: UInt16 = 0, connection: UInt32 = 0, server: UInt32 = 0, text: UInt32 = 0
    ) {
        self.lane = lane
        self.sequence = sequence
        self.due = due
        self.sent = sent
        self.connected = connected
        self.firstByte = firstByte
        self.done = done
        self.outcome = outcome
        self.flags = flags
        self.httpStatus = httpStatus
        self.errno = errno
        self.localPort = localPort
        self.connection = connection
        self.server = server
        self.text = text
    }
}

/// When a sample was due and when it was sent, and its outcome.
package struct SampleStart: Sendable, Hashable {
    package var due: RunInstant
    package var sent: RunInstant
    package var outcome: Outcome

    package init(due: RunInstant, sent: RunInstant, outcome: Outcome) {
        self.due = due
        self.sent = sent
        self.outcome = outcome
    }
}

/// Who answered a request, as the echo says in its answer.
package struct ServingIdentity: Sendable, Hashable, Codable {
    package var cluster: String
    package var node: String
    package var pod: String

    package init(cluster: String, node: String, pod: String) {
        self.cluster = cluster
        self.node = node
        self.pod = pod
    }
}
