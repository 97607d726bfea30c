/// One tunnel that a balancer, or one connection that a load balancer, opened or could not open.
///
/// `Moment` is what ``began`` counts by: Unix nanoseconds where an agent records it, ``RunInstant`` in a run.
package struct Dial<Moment: Sendable & Hashable>: Sendable, Hashable {
    package var dialer: Dialer
    /// Cluster of the dialer.
    package var cluster: String
    /// Cluster dialled.
    package var peer: String
    /// `nil` where the dialer did not know.
    package var peering: PeeringMethod?
    package var began: Moment
    package var millis: Double
    /// Node whose address was dialled, or behind it if the gateway said so; empty where unknown.
    package var targetNode: String
    package var targetAddress: String
    /// Gateway pod that answered; empty where none did.
    package var gatewayPod: String
    /// Node of the gateway pod that answered; empty where none did.
    package var gatewayNode: String
    package var outcome: DialOutcome
    package var phase: DialPhase
    package var errno: Int32
    /// The prober's side of the connection that asked for this tunnel; joins it to samples.
    package var clientAddress: String
    package var clientPort: UInt16
    /// When the client hung up, in ms from the dial's beginning, if it did so before the dial ended.
    package var clientGoneMillis: Double?

    @inlinable
    package init(
        dialer: Dialer, cluster: String, peer: String, peering: PeeringMethod? = nil, began: Moment, millis: Double,
        targetNode: String = "", targetAddress: String = "", gatewayPod: String = "", gatewayNode: String = "",
        outcome: DialOutcome, phase: DialPhase = .tcp, errno: Int32 = 0, clientAddress: String = "",
        clientPort: UInt16 = 0,
        clientGoneMillis: Double? = nil
    ) {
        self.dialer = dialer
        self.cluster = cluster
        self.peer = peer
        self.peering = peering
        self.began = began
        self.millis = millis
        self.targetNode = targetNode
        self.targetAddress = targetAddress
        self.gatewayPod = gatewayPod
        self.gatewayNode = gatewayNode
        self.outcome = outcome
        self.phase = phase
        self.errno = errno
        self.clientAddress = clientAddress
        self.clientPort = clientPort
        self.clientGoneMillis = clientGoneMillis
    }

    /// The same dial by another clock.
    package func on<Other: Sendable & Hashable>(_ convert: (Moment) -> Other) -> Dial<Other> {
        Dial<Other>(
            dialer: dialer, cluster: cluster, peer: peer, peering: peering, began: convert(began), millis: millis,
            targetNode: targetNode, targetAddress: targetAddress, gatewayPod: gatewayPod, gatewayNode: gatewayNode,
            outcome: outcome, phase: phase, errno: errno, clientAddress: clientAddress, clientPort: clientPort,
            clientGoneMillis: clientGoneMillis)
    }
}

/// Who dialled. Raw values are written to archives.
package enum Dialer: UInt8, Sendable, Codable, CaseIterable {
    case balancer = 0
    case loadBalancer = 1

    /// The word used in records and exports.
    package var name: String {
        switch self {
        case .balancer: "balancer"
        case .loadBalancer: "loadbalancer"
        }
    }
}

/// How a dial ended. Raw values are written to archives: never reuse or reorder them.
package enum DialOutcome: UInt8, Sendable, Codable, CaseIterable {
    case ok = 0
    case refused = 1
    case noRoute = 2
    /// The one limit for TCP and CONNECT ran out, whichever phase it was in.
    case timeout = 3
    case reset = 4
    case eof = 5
    /// The gateway answered CONNECT with another status than 200.
    case rejected = 6
    /// There was no target to dial.
    case noTarget = 7
    case error = 8

    /// The kebab-case name used in records, reports and exports.
    package var name: String {
        switch self {
        case .ok: "ok"
        case .refused: "refused"
        case .noRoute: "no-route"
        case .timeout: "timeout"
        case .reset: "reset"
        case .eof: "eof"
        case .rejected: "rejected"
        case .noTarget: "no-target"
        case .error: "error"
        }
    }

    package init?(name: String) {
        guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}

/// How far a dial had come. Raw values are written to archives.
package enum DialPhase: UInt8, Sendable, Codable, CaseIterable {
    case tcp = 0
    case connect = 1

    /// The word used in records, reports and exports.
    package var name: String {
        switch self {
        case .tcp: "tcp"
        case .connect: "connect"
        }
    }
}
