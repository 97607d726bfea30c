/// A quantity that is known before a trial begins, and that a formula may name as `${name}`.
package enum Fact: String, Sendable, Hashable, CaseIterable {
    /// After how long without a renewed lease the controller manager takes a node for NotReady.
    case gracePeriod
    /// The time between two renewals of a kubelet's lease.
    case leaseRenewal
    /// The time between two looks of the controller manager at its nodes.
    case monitorPeriod
    /// How long a load balancer's health check takes at most to take a dead node out.
    case healthCheckOut
    /// How long a tunnel that streams share lasts at most after its other end has died; zero where streams share none.
    case tunnelGiveUp
    /// Requests a second of a lane: of the plan itself, and known without clusters.
    case rate

    /// What kind of quantity it is.
    package var dimension: Dimension { self == .rate ? .rate : .time }

    /// For users, in one sentence.
    package var meaning: String {
        switch self {
        case .gracePeriod:
            "the node monitor's grace period: the plan's `nodeMonitorGracePeriod`, else the controller manager's flag, "
                + "else Kubernetes' default (50s; 40s before 1.32)"
        case .leaseRenewal: "how often a kubelet renews its lease: a quarter of the lease's length"
        case .monitorPeriod: "how often the controller manager looks at its nodes: its flag, else 5s"
        case .healthCheckOut:
            "after how long at most a load balancer's health check excludes a dead node: threshold × (interval + time-out)"
        case .tunnelGiveUp:
            "after how long at most a shared tunnel to a dead end is given up: the ping's interval + its time-out; "
                + "0 where streams share no tunnel"
        case .rate: "requests a second of each lane: the traffic that `when` names, else that of all traffic"
        }
    }
}

/// A word that is known before a trial begins, and that `when` may ask for.
package enum FactWord: String, Sendable, Hashable, CaseIterable {
    /// Which mesh peers the clusters.
    case mesh
    /// Whether streams to one destination share a tunnel.
    case tunnels

    /// The words that it may be.
    package var values: [String] {
        switch self {
        case .mesh: ["standin", "istio", "solo"]
        case .tunnels: ["shared", "single"]
        }
    }
}

/// What is known of the clusters before the trials of one cell begin. Archives keep it, so that a report needs no cluster.
package struct CellFacts: Sendable, Equatable, Codable {
    /// ``Fact`` → nanoseconds.
    private var nanoseconds: [String: Int64]
    /// ``Fact`` → why it cannot be read.
    private var reasons: [String: String]
    /// ``FactWord`` → its word.
    private var words: [String: String]

    /// - Parameters:
    ///   - times: what could be read.
    ///   - unreadable: why the others could not.
    package init(
        _ times: [Fact: Duration] = [:], unreadable: [Fact: String] = [:], words: [FactWord: String] = [:]
    ) {
        nanoseconds = Dictionary(uniqueKeysWithValues: times.map { ($0.key.rawValue, $0.value.inNanoseconds) })
        reasons = Dictionary(uniqueKeysWithValues: unreadable.map { ($0.key.rawValue, $0.value) })
        self.words = Dictionary(uniqueKeysWithValues: words.map { ($0.key.rawValue, $0.value) })
    }

    /// `nil` for what is not known.
    package subscript(fact: Fact) -> Duration? { nanoseconds[fact.rawValue].map { .nanoseconds($0) } }

    /// `nil` for what is not known.
    package subscript(word: FactWord) -> String? { words[word.rawValue] }

    /// Why a fact is not known.
    package func reason(_ fact: Fact) -> String { reasons[fact.rawValue] ?? "it was not read" }

    /// Those that are known, in the order of the catalogue: for reports.
    package var known: [(name: String, text: String)] {
        Fact.allCases.compactMap { fact in self[fact].map { (fact.rawValue, Quantity.text($0)) } }
            + FactWord.allCases.compactMap { word in self[word].map { (word.rawValue, $0) } }
    }
}
