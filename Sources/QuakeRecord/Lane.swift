import QuakeBase

/// Numbers the lanes of a run from 1, over all trials.
package struct LaneID: Sendable, Hashable, Codable, RawRepresentable {
    package var rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(UInt32.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// One endless series of requests of one trial.
package struct Lane: Sendable, Hashable, Codable {
    /// What a lane is there for.
    package enum Role: String, Sendable, Codable {
        /// Crosses from cluster to cluster; verdicts are about these alone.
        case probe
        /// Stays inside the server cluster: tells a broken backend from a broken crossing.
        case sameCluster = "same-cluster"
        /// Stays on the prober's host: tells the prober's own stalls from everything else.
        case loopback
    }

    package var id: LaneID
    /// Index of the trial, from 0.
    package var trial: Int
    package var role: Role
    /// Name of the plan's traffic; `control` for the loopback lane.
    package var traffic: String
    package var from: String
    package var to: String
    /// `nil` on control lanes.
    package var peering: PeeringMethod?
    package var mode: ConnectionMode
    package var url: String
    /// T in nanoseconds: the time between two slots.
    package var periodNanoseconds: Int64
    /// D in nanoseconds.
    package var deadlineNanoseconds: Int64
    /// H in nanoseconds.
    package var timeoutNanoseconds: Int64
    /// t0: when slot 0 is due.
    package var origin: RunInstant

    package init(
        id: LaneID, trial: Int, role: Role = .probe, traffic: String, from: String, to: String,
        peering: PeeringMethod? = nil, mode: ConnectionMode, url: String, period: Duration,
        deadline: Duration = .milliseconds(250), timeout: Duration = .seconds(2), origin: RunInstant
    ) {
        self.id = id
        self.trial = trial
        self.role = role
        self.traffic = traffic
        self.from = from
        self.to = to
        self.peering = peering
        self.mode = mode
        self.url = url
        periodNanoseconds = period.inNanoseconds
        deadlineNanoseconds = deadline.inNanoseconds
        timeoutNanoseconds = timeout.inNanoseconds
        self.origin = origin
    }

    package var period: Duration { .nanoseconds(periodNanoseconds) }
    package var deadline: Duration { .nanoseconds(deadlineNanoseconds) }
    package var timeout: Duration { .nanoseconds(timeoutNanoseconds) }

    /// When slot `sequence` is due: s(n) = t0 + n·T.
    package func due(_ sequence: UInt64) -> RunInstant {
        RunInstant(nanoseconds: origin.nanoseconds + Int64(sequence) * periodNanoseconds)
    }
}
