/// One tunnel that a balancer, or one connection that a load balancer, opened or could not open.
package struct Dial: Sendable, Hashable {
    /// Who dialled.
    package enum Dialer: UInt8, Sendable, Codable, CaseIterable {
        case balancer = 0
        case loadBalancer = 1
    }

    /// How a dial ended. Raw values are written to archives: never reuse or reorder them.
    package enum Outcome: UInt8, Sendable, Codable, CaseIterable {
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

    /// How far the dial had come. Raw values are written to archives.
    package enum Phase: UInt8, Sendable, Codable, CaseIterable {
        case tcp = 0
        case connect = 1
    }

    package var dialer: Dialer
    /// Cluster of the dialer.
    package var cluster: String
    /// Cluster dialled.
    package var peer: String
    /// `nil` where the dialer did not know.
    package var peering: PeeringMethod?
    package var began: RunInstant
    package var millis: Double
    /// Node whose address was dialled, or behind it if the gateway said so; empty where unknown.
    package var targetNode: String
    package var targetAddress: String
    /// Gateway pod that answered; empty where none did.
    package var gatewayPod: String
    /// Node of the gateway pod that answered; empty where none did.
    package var gatewayNode: String
    package var outcome: Outcome
    package var phase: Phase
    package var errno: Int32
    /// The prober's side of the connection that asked for this tunnel; joins it to samples.
    package var clientAddress: String
    package var clientPort: UInt16
    /// When the client hung up, in ms from the dial's beginning, if it did so before the dial ended.
    package var clientGoneMillis: Double?

    package init(
        dialer: Dialer, cluster: String, peer: String, peering: PeeringMethod? = nil, began: RunInstant, millis: Double,
        targetNode: String = "", targetAddress: String = "", gatewayPod: String = "", gatewayNode: String = "",
        outcome: Outcome, phase: Phase = .tcp, errno: Int32 = 0, clientAddress: String = "", clientPort: UInt16 = 0,
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
}
