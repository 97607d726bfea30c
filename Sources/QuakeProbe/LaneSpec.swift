package import QuakeRecord

/// A numeric address and a port.
package struct ProbeAddress: Sendable, Hashable, Codable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// Everything that the prober must know of a lane.
package struct LaneSpec: Sendable, Codable {
    /// Its origin is set when it starts.
    package var lane: Lane
    /// When slot 0 is due, on the prober's clock; `nil`: as soon as the lane starts.
    package var startsAt: RunInstant?
    /// Where connections go instead of the URL's host, which the plan names the same everywhere.
    package var address: ProbeAddress?
    package var method: String
    package var headers: [String: String]
    package var body: String?
    /// N of a pooled lane.
    package var pooledConnections: Int
    /// Who must answer; `nil` lets anybody.
    package var expectedCluster: String?
    package var expectedStatus: Int
    /// PEM text of the authorities that an https server's certificate is held against; `nil` for the system's.
    package var authorities: String?
    /// Whether an https server's certificate and name are checked at all.
    package var verifies: Bool

    package init(
        lane: Lane, address: ProbeAddress? = nil, method: String = "GET", headers: [String: String] = [:],
        body: String? = nil, pooledConnections: Int = 4, expectedCluster: String? = nil, expectedStatus: Int = 200,
        authorities: String? = nil, verifies: Bool = true
    ) {
        self.lane = lane
        self.address = address
        self.method = method
        self.headers = headers
        self.body = body
        self.pooledConnections = pooledConnections
        self.expectedCluster = expectedCluster
        self.expectedStatus = expectedStatus
        self.authorities = authorities
        self.verifies = verifies
    }

    /// `Name: value` lines in the order of their names.
    var headerLines: [String] { headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" } }
}

/// Starts and stops lanes: in this process, or in a pod of the client cluster.
package protocol TrafficProber: Sendable {
    /// How its thread is scheduled.
    var scheduling: String { get }
    /// What was in force where it works, as facts for reports: by what they are about, in words. What is counted is so since
    /// the prober was made.
    func facts() async -> [String: String]
    /// Starts a lane. Returns it with its origin, as it is to be archived.
    ///
    /// - Throws: `.lane` for what cannot be probed, `.setUp` for what was not met.
    func start(_ spec: LaneSpec) async throws(ProbeError) -> Lane
    /// Returns when every request of the lane has ended and its samples are with the sink.
    func stop(_ id: LaneID) async
    func close() async
}

/// Where samples go. Called on the prober's thread, in batches; it must not block.
package protocol ProbeSink: Sendable {
    /// Samples of several lanes, each lane's in the order in which its requests ended.
    func record(_ samples: [Sample])
    /// Something that the prober tells of itself, such as a stall.
    func record(_ event: Event)
    /// The index of who answered, from 1.
    func server(_ identity: ServingIdentity) -> UInt32
    /// The index of a failure's text, from 1.
    func text(_ text: String) -> UInt32
}
