import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// Every class that a server can bring about, by a server that does just that.
@Suite("Outcomes, each really caused", .serialized)
struct CausedOutcomeTests {
    private static let fields = ["x-peerquake-cluster: west", "x-peerquake-node: n", "x-peerquake-pod: p"]

    struct Cause: Sendable, CustomTestStringConvertible {
        var name: String
        var outcome: Outcome
        var mode = ConnectionMode.new
        var scheme = "http"
        /// What a server does with each connection.
        var serve: @Sendable (ScriptedServer.Connection) -> Void

        var testDescription: String { name }
    }

    static let causes: [Cause] = [
        Cause(name: "a right answer", outcome: .ok) { connection in
            while connection.head() != nil { connection.answer(200, fields, body: "hello") }
        },
        Cause(name: "RST before the response", outcome: .reset) { connection in
            _ = connection.head()
            connection.reset()
        },
        Cause(name: "RST amid the response", outcome: .reset) { connection in
            _ = connection.head()
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            connection.pause(milliseconds: 30)
            connection.reset()
        },
        Cause(name: "FIN before the response", outcome: .eof) { connection in _ = connection.head() },
        Cause(name: "FIN amid the body", outcome: .eof) { connection in
            _ = connection.head()
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        },
        Cause(name: "FIN amid the head, which libcurl takes for success", outcome: .body) { connection in
            _ = connection.head()
            connection.send("HTTP/1.1 200 OK\r\nx-peerquake-cluster: west\r\n")
        },
        Cause(name: "no answer", outcome: .responseTimeout) { connection in
            _ = connection.head()
            connection.pause(milliseconds: 900)
        },
        Cause(name: "a body that stalls", outcome: .responseTimeout) { connection in
            _ = connection.head()
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            connection.pause(milliseconds: 900)
        },
        Cause(name: "bytes that are not HTTP", outcome: .body) { connection in
            _ = connection.head()
            connection.send("SSH-2.0-OpenSSH\r\n\r\n")
        },
        Cause(name: "an answer without the echo's fields", outcome: .body) { connection in
            _ = connection.head()
            connection.answer(200, [], body: "some proxy's page")
        },
        Cause(name: "status 503", outcome: .httpStatus) { connection in
            _ = connection.head()
            connection.answer(503, fields, body: "no")
        },
        Cause(name: "the wrong cluster", outcome: .wrongCluster) { connection in
            _ = connection.head()
            connection.answer(200, ["x-peerquake-cluster: east"], body: "hello")
        },
        Cause(name: "an answer after the deadline", outcome: .late) { connection in
            _ = connection.head()
            connection.pause(milliseconds: 250)
            connection.answer(200, fields, body: "hello")
        },
        Cause(name: "an end in the TLS handshake", outcome: .tls, scheme: "https") { _ in },
        Cause(name: "a reset in the TLS handshake", outcome: .tls, scheme: "https") { connection in
            // Before the client's hello it would be a reset of the connection, not of the handshake.
            connection.awaitData()
            connection.reset()
        },
        Cause(name: "plain HTTP in place of a TLS handshake", outcome: .tls, scheme: "https") { connection in
            connection.answer(200, fields, body: "hello")
            connection.pause(milliseconds: 100)
        },
        Cause(name: "a stall in the TLS handshake", outcome: .tls, scheme: "https") { connection in
            connection.pause(milliseconds: 900)
        },
        Cause(
            name: "a reset on a reused connection's request, which libcurl hides", outcome: .hiddenRetry, mode: .pooled
        ) {
            connection in
            _ = connection.head()
            connection.answer(200, fields, body: "hello")
            // The next request arrives and is reset unanswered.
            if connection.head() != nil { connection.reset() }
        },
        Cause(name: "a reused connection that turns silent", outcome: .reuseTimeout, mode: .pooled) { connection in
            _ = connection.head()
            connection.answer(200, fields, body: "hello")
            _ = connection.head()
            connection.pause(milliseconds: 900)
        },
    ]

    private func lane(_ url: String, _ mode: ConnectionMode, deadline: Int = 200, timeout: Int = 500) -> Lane {
        Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "west", mode: mode, url: url,
            period: .milliseconds(25), deadline: .milliseconds(deadline), timeout: .milliseconds(timeout),
            origin: .origin)
    }

    private func probe(_ spec: LaneSpec, for length: Duration = .milliseconds(400)) async throws -> Memory {
        try await probing(spec, for: length).memory
    }

    @Test("are distinguished", arguments: causes)
    func caused(cause: Cause) async throws {
        let server = ScriptedServer(cause.serve)
        defer { server.stop() }
        let spec = LaneSpec(
            lane: lane("\(cause.scheme)://127.0.0.1:\(server.port)/", cause.mode), pooledConnections: 1,
            expectedCluster: "west")
        let samples = try await probe(spec).samples.withLock { $0 }
        // A stall of this machine's own may make one late or unsent; no other class may stray in.
        var allowed: Set<Outcome> = [cause.outcome, .late, .clientOverload]
        // A pooled lane's first request, and extra connections beside a busy one, go well.
        if cause.mode == .pooled { allowed.insert(.ok) }
        if cause.outcome == .reuseTimeout { allowed.insert(.responseTimeout) }
        // libcurl counts a handle's silent retries, and after five of them lets the reset show once.
        if cause.outcome == .hiddenRetry { allowed.insert(.reset) }
        #expect(samples.contains { $0.outcome == cause.outcome })
        #expect(samples.allSatisfy { allowed.contains($0.outcome) }, "\(Set(samples.map(\.outcome.name)))")
        #expect(samples.allSatisfy { $0.outcome != .ok || ($0.errno == 0 && $0.text == 0) })
    }

    @Test("a full backlog is a connect-timeout with ETIMEDOUT, or none at all")
    func backlog() async throws {
        let full = try #require(FullBacklog())
        let samples = try await probe(LaneSpec(lane: lane("http://127.0.0.1:\(full.port)/", .new))).samples
            .withLock { $0 }
        #expect(samples.count > 5)
        #expect(samples.allSatisfy { $0.outcome == .connectTimeout && $0.connected == nil && $0.localPort >= 0 })
    }

    @Test("a name that no server knows is dns")
    func name() async throws {
        // RFC 6761: .invalid never resolves; a resolver that is silent runs into the hard time-out, which is dns too.
        let samples = try await probe(LaneSpec(lane: lane("http://nobody.invalid/", .new))).samples.withLock { $0 }
        #expect(samples.contains { $0.outcome == .dns })
        #expect(samples.allSatisfy { $0.outcome == .dns || $0.outcome.isClientFailure })
    }

    @Test("a pinned connection that the server closes while idle is an event, and its request is good")
    func closedWhileIdle() async throws {
        let server = ScriptedServer { connection in
            guard connection.head() != nil else { return }
            connection.answer(200, Self.fields, body: "hello")
        }
        defer { server.stop() }
        let memory = try await probe(
            LaneSpec(
                lane: lane("http://127.0.0.1:\(server.port)/", .pooled), pooledConnections: 2, expectedCluster: "west")
        )
        let samples = memory.samples.withLock { $0 }
        #expect(samples.count { $0.outcome == .ok } > 5)
        #expect(samples.allSatisfy { $0.outcome == .ok || $0.outcome == .late || $0.outcome.isClientFailure })
        let closed = memory.events.withLock { events in
            events.count {
                if case .connectionClosed(_, _, _, let reason) = $0.what {
                    reason == "closed while idle"
                } else {
                    false
                }
            }
        }
        #expect(closed >= samples.count { $0.outcome == .ok } - 3)
    }

    @Test("pinned connections are used in turn, and stay")
    func pinned() async throws {
        let server = ScriptedServer { connection in
            while connection.head() != nil { connection.answer(200, Self.fields, body: "hello") }
        }
        defer { server.stop() }
        let memory = try await probe(
            LaneSpec(
                lane: lane("http://127.0.0.1:\(server.port)/", .pooled), pooledConnections: 3, expectedCluster: "west")
        )
        let samples = memory.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        let pinned = samples.filter { !$0.flags.contains(.extraConnection) && $0.outcome == .ok }
        #expect(Set(pinned.map(\.connection)).count == 3)
        #expect(pinned.dropFirst(3).allSatisfy { $0.flags.contains(.reused) })
        for (one, next) in zip(pinned, pinned.dropFirst()) where next.sequence == one.sequence + 1 {
            #expect(one.connection != next.connection)
        }
    }
}
