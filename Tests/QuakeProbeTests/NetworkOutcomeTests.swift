import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// The classes that no server can bring about, in a network of their own.
@Suite(
    "Outcomes that a network causes", .serialized, .enabled(if: NetworkNamespace.isPermitted, "root is needed"),
    .timeLimit(.minutes(2)))
struct NetworkOutcomeTests {
    private func spec(
        _ url: String, _ mode: ConnectionMode = .new, pooled: Int = 1, timeout: Int = 500
    ) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "west", mode: mode, url: url,
                period: .milliseconds(25), deadline: .milliseconds(200), timeout: .milliseconds(timeout),
                origin: .origin),
            pooledConnections: pooled)
    }

    /// Probes from within a network.
    private func probe(
        _ spec: LaneSpec, in network: NetworkNamespace, attempts: Int = probingAttempts,
        meanwhile: () async throws -> Void = {}
    ) async throws -> [Sample] {
        let memory = try await probing(
            spec, for: .milliseconds(400), attempts: attempts,
            by: { memory in
                let made = network.run { try? Prober(clock: RunClock(), sink: memory) }
                return try #require(made ?? nil)
            }, meanwhile: meanwhile
        ).memory
        return memory.samples.withLock { $0 }
    }

    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Makes 192.0.2.1 what it is.
        var command: String
        var outcome: Outcome
        var errno: Int32
    }

    private static let local = "ip route add local 192.0.2.1 dev lo && iptables"
    private static let toLoopback = "\(local) -A OUTPUT -d 192.0.2.1 -p tcp -j"

    static let rules: [Rule] = [
        Rule(testDescription: "no route", command: "true", outcome: .noRoute, errno: 101),
        Rule(
            testDescription: "an unreachable host", command: "ip route add unreachable 192.0.2.1", outcome: .noRoute,
            errno: 113),
        Rule(
            testDescription: "a route that is prohibited", command: "ip route add prohibit 192.0.2.1",
            outcome: .noRoute, errno: 13),
        Rule(
            testDescription: "REJECT icmp-host-unreachable",
            command: "\(toLoopback) REJECT --reject-with icmp-host-unreachable", outcome: .noRoute, errno: 113),
        Rule(
            testDescription: "REJECT icmp-admin-prohibited",
            command: "\(toLoopback) REJECT --reject-with icmp-admin-prohibited", outcome: .noRoute, errno: 113),
        Rule(
            testDescription: "REJECT icmp-net-unreachable",
            command: "\(toLoopback) REJECT --reject-with icmp-net-unreachable", outcome: .noRoute, errno: 101),
        Rule(
            testDescription: "REJECT tcp-reset",
            command: "\(local) -A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset",
            outcome: .refused, errno: 111),
        Rule(testDescription: "DROP", command: "\(toLoopback) DROP", outcome: .connectTimeout, errno: 0),
    ]

    @Test("are distinguished", arguments: rules)
    func caused(rule: Rule) async throws {
        let network = try #require(NetworkNamespace())
        try #require(network.command(rule.command))
        // A word that is back before connect() has returned counts with the second SYN only, after a second.
        let samples = try await probe(spec("http://192.0.2.1/", timeout: 1600), in: network)
        #expect(samples.contains { $0.outcome == rule.outcome })
        #expect(
            samples.allSatisfy { $0.outcome == rule.outcome || $0.outcome == .clientOverload },
            "\(Set(samples.map(\.outcome.name)))")
        #expect(
            samples.allSatisfy { $0.outcome == .clientOverload || [rule.errno, 110].contains($0.errno) },
            "\(Set(samples.map(\.errno)))")
    }

    @Test("that turns silent under pinned connections is a reuse-timeout, then a connect-timeout")
    func blackhole() async throws {
        let network = try #require(NetworkNamespace())
        let server = try #require(
            network.run {
                ScriptedServer { connection in while connection.head() != nil { connection.answer(body: "hello") } }
            })
        defer { server.stop() }
        let samples = try await probe(spec("http://127.0.0.1:\(server.port)/", .pooled), in: network, attempts: 1) {
            try #require(network.command("iptables -A OUTPUT -p tcp --dport \(server.port) -j DROP"))
            try await Task.sleep(for: .milliseconds(900))
        }
        // A connection that had just come about may be silent too.
        let outcomes = Set(samples.map(\.outcome)).subtracting([.late, .clientOverload, .responseTimeout])
        #expect(outcomes == [.ok, .reuseTimeout, .connectTimeout], "\(outcomes)")
    }

    @Test("without a port left is the prober's own failure, and so no outage")
    func ports() async throws {
        let network = try #require(NetworkNamespace())
        try #require(network.command("echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range"))
        let server = try #require(
            network.run {
                // It keeps what it has, so that each connection has a port to itself.
                ScriptedServer { connection in
                    while connection.head() != nil {
                        connection.pause(milliseconds: 150)
                        connection.answer(body: "hello")
                    }
                }
            })
        defer { server.stop() }
        let samples = try await probe(
            spec("http://127.0.0.1:\(server.port)/", .pooled, pooled: 12, timeout: 1600), in: network)
        #expect(samples.contains { $0.outcome == .clientError && $0.errno == 99 && $0.text != 0 })
        #expect(samples.contains { $0.outcome == .ok })
        #expect(samples.allSatisfy { !$0.outcome.isBad || $0.outcome == .late })
    }

    @Test("runs out of no port through fresh connections: none stays behind")
    func timeWait() async throws {
        let network = try #require(NetworkNamespace())
        try #require(network.command("echo 40000 40019 > /proc/sys/net/ipv4/ip_local_port_range"))
        let server = try #require(
            network.run {
                ScriptedServer { connection in while connection.head() != nil { connection.answer(body: "hello") } }
            })
        defer { server.stop() }
        var spec = spec("http://127.0.0.1:\(server.port)/")
        spec.lane.periodNanoseconds = 5_000_000
        let samples = try await probe(spec, in: network)
        // More connections than there are ports, within the minute of a TIME_WAIT.
        #expect(samples.count { $0.outcome == .ok } > 40, "\(Set(samples.map(\.errno)))")
    }

    @Test(
        "or a resolver: all of it is dns", arguments: [StubResolver.Answer.noSuchName, .serverFailure, .none])
    func resolver(answer: StubResolver.Answer) async throws {
        let network = try #require(NetworkNamespace())
        let folder = try TemporaryDirectory()
        let file = try folder.file("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        try #require(network.command("mount --bind \(file) /etc/resolv.conf"))
        let stub = try #require(network.run { StubResolver(answer) } ?? nil)
        defer { stub.stop() }
        let samples = try await probe(spec("http://echo.example.test/"), in: network)
        #expect(stub.questions > 0)
        #expect(samples.contains { $0.outcome == .dns && $0.localPort == 0 && $0.connection == 0 })
        #expect(
            samples.allSatisfy { $0.outcome == .dns || $0.outcome.isClientFailure },
            "\(Set(samples.map(\.outcome.name)))")
        // The loop goes on while a resolver is silent: a name that is waited for holds up nobody.
        #expect(samples.count { $0.outcome == .dns } * 2 > samples.count)
    }
}
