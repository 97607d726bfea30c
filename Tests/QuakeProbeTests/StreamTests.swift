import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// Stream lanes against servers that do to a stream what networks do.
@Suite("A stream of messages", .serialized)
struct StreamTests {
    private static let fields = "x-peerquake-cluster: west\r\nx-peerquake-node: n\r\nx-peerquake-pod: p\r\n"

    /// Takes a stream's head and answers it.
    private static func begin(_ connection: ScriptedServer.Connection, _ fields: String = fields) -> String {
        let head = connection.head() ?? ""
        connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\(fields)\r\n")
        return head
    }

    /// Sends `count` messages back, or all that come.
    private static func echo(_ connection: ScriptedServer.Connection, _ count: Int = .max) {
        var left = count
        while left > 0, let message = connection.chunk() {
            connection.send(chunk: message)
            left -= 1
        }
    }

    /// FIN, and then nothing until the client has gone.
    private static func end(_ connection: ScriptedServer.Connection) {
        connection.end()
        while connection.chunk() != nil {}
    }

    private func spec(_ port: Int, timeout: Int = 1500) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "west", mode: .stream,
                url: "http://127.0.0.1:\(port)/", period: .milliseconds(25), deadline: .milliseconds(200),
                timeout: .milliseconds(timeout), origin: .origin),
            headers: ["x-test": "yes"], expectedCluster: "west")
    }

    /// Every slot once and in order, and what happened to the connections.
    private func probe(
        _ spec: LaneSpec, for length: Duration = .milliseconds(600)
    ) async throws -> (samples: [Sample], events: [Event.What]) {
        let (memory, lane) = try await probing(spec, for: length, attempts: 1)
        let samples = memory.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        #expect(samples.map(\.sequence) == Array(0..<UInt64(samples.count)))
        #expect(samples.allSatisfy { $0.due == lane.due($0.sequence) && $0.done >= $0.sent && $0.sent >= $0.due })
        let events = memory.events.withLock { $0.map(\.what) }.filter {
            if case .suspect = $0 { false } else { true }
        }
        return (samples, events)
    }

    /// This machine's own stalls may make any message late or unsent.
    private func outcomes(_ samples: [Sample]) -> Set<Outcome> {
        Set(samples.map(\.outcome)).subtracting([.late, .clientOverload])
    }

    private func lost(_ events: [Event.What]) -> [ClosedRange<UInt64>] {
        events.compactMap { if case .messagesLost(_, _, let first, let last) = $0 { first...last } else { nil } }
    }

    private func closed(_ events: [Event.What]) -> [String] {
        events.compactMap { if case .connectionClosed(_, _, _, let reason) = $0 { reason } else { nil } }
    }

    private func opened(_ events: [Event.What]) -> [UInt32] {
        events.compactMap { if case .connectionOpened(_, let number, _) = $0 { number } else { nil } }
    }

    @Test("goes over one connection and comes back, message by message")
    func good() async throws {
        let head = Mutex("")
        let server = ScriptedServer { connection in
            let own = Self.begin(connection)
            head.withLock { $0 = own }
            Self.echo(connection)
        }
        defer { server.stop() }
        let (samples, events) = try await probe(spec(server.port))
        #expect(outcomes(samples) == [.ok])
        #expect(server.connections == 1)
        #expect(samples.count > 15 && samples.allSatisfy { $0.outcome.isClientFailure || $0.connection == 1 })
        #expect(samples.dropFirst(4).allSatisfy { $0.flags.contains(.reused) && $0.connected == nil })
        #expect(samples.first?.flags.contains(.reused) == false && samples.first?.connected != nil)
        #expect(samples.contains { $0.httpStatus == 200 && $0.localPort != 0 && $0.server == 1 && $0.errno == 0 })
        #expect(events.isEmpty, "the end of a lane is no loss")
        let text = head.withLock { $0 }
        #expect(text.contains("Content-Type: \(ConnectionMode.streamContentType)") && text.contains("x-test: yes"))
    }

    struct End: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var outcome: Outcome
        /// What the first connection does after four messages.
        var serve: @Sendable (ScriptedServer.Connection) -> Void
    }

    static let endings: [End] = [
        End(testDescription: "FIN", outcome: .eof) { connection in
            for _ in 0..<3 { _ = connection.chunk() }
            end(connection)
        },
        End(testDescription: "the end of the answer", outcome: .eof) { connection in
            for _ in 0..<3 { _ = connection.chunk() }
            connection.send("0\r\n\r\n")
            while connection.chunk() != nil {}
        },
        End(testDescription: "RST", outcome: .reset) { connection in
            for _ in 0..<3 { _ = connection.chunk() }
            connection.reset()
        },
        End(testDescription: "silence", outcome: .reuseTimeout) { connection in while connection.chunk() != nil {} },
        End(testDescription: "what is no message", outcome: .body) { connection in
            _ = connection.chunk()
            connection.send(chunk: "hello\n")
            while connection.chunk() != nil {}
        },
        End(testDescription: "a message that nobody sent", outcome: .body) { connection in
            _ = connection.chunk()
            connection.send(chunk: "4711\n")
            while connection.chunk() != nil {}
        },
    ]

    @Test("loses what was in flight when its connection ends, says which, and connects again", arguments: endings)
    func ends(end: End) async throws {
        let server = ScriptedServer { connection in
            _ = Self.begin(connection)
            guard connection.number == 0 else { return Self.echo(connection) }
            Self.echo(connection, 4)
            end.serve(connection)
        }
        defer { server.stop() }
        let isSilence = end.outcome == .reuseTimeout
        let (samples, events) = try await probe(
            spec(server.port, timeout: isSilence ? 700 : 1500), for: .milliseconds(isSilence ? 1600 : 900))
        #expect(outcomes(samples) == [.ok, end.outcome], "\(outcomes(samples))")
        let bad = samples.filter { $0.outcome == end.outcome }
        let gap = try #require(lost(events).first)
        #expect(lost(events).count == 1 && closed(events) == [end.outcome.name] && opened(events) == [2])
        #expect(bad.allSatisfy { gap.contains($0.sequence) && $0.connection == 1 && $0.text != 0 })
        #expect(bad.count == gap.count && gap.lowerBound >= 4)
        // What came after it is good, over the second connection.
        let after = samples.filter { $0.sequence > gap.upperBound && $0.outcome == .ok }
        #expect(after.count > 3 && after.allSatisfy { $0.connection == 2 })
        #expect(server.connections == 2)
    }

    @Test("closed while nothing is in flight loses nothing")
    func idle() async throws {
        let server = ScriptedServer { connection in
            _ = Self.begin(connection)
            Self.echo(connection, 4)
            connection.cork()
            Self.echo(connection, 1)
            Self.end(connection)
        }
        defer { server.stop() }
        var spec = spec(server.port)
        spec.lane.periodNanoseconds = 100_000_000
        let (samples, events) = try await probe(spec, for: .milliseconds(1800))
        #expect(samples.contains { $0.outcome == .ok && $0.connection == 2 })
        #expect(closed(events).contains("closed while idle"))
        // On a slow machine a message may be under way all the same: then it is told.
        #expect(lost(events).count == closed(events).count { $0 != "closed while idle" })
        #expect(opened(events) == opened(events).indices.map { UInt32($0 + 2) })
    }

    @Test("with a message left out records the gap, and continues")
    func gap() async throws {
        let server = ScriptedServer { connection in
            _ = Self.begin(connection)
            while let message = connection.chunk() {
                let kept = message.split(separator: "\n").filter { $0 != "7" }.map { "\($0)\n" }.joined()
                if !kept.isEmpty { connection.send(chunk: kept) }
            }
        }
        defer { server.stop() }
        let (samples, events) = try await probe(spec(server.port))
        #expect(outcomes(samples) == [.ok, .body])
        #expect(samples.filter { $0.outcome == .body }.map(\.sequence) == [7])
        #expect(lost(events) == [7...7] && closed(events).isEmpty && server.connections == 1)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var outcome: Outcome
        var serve: @Sendable (ScriptedServer.Connection) -> Void
    }

    static let refusals: [Refusal] = [
        Refusal(testDescription: "another cluster", outcome: .wrongCluster) { connection in
            _ = Self.begin(connection, "x-peerquake-cluster: east\r\n")
            Self.echo(connection)
        },
        Refusal(testDescription: "nobody's answer", outcome: .body) { connection in
            _ = Self.begin(connection, "")
            Self.echo(connection)
        },
        Refusal(testDescription: "status 503", outcome: .httpStatus) { connection in
            _ = connection.head()
            connection.answer(503, [], body: "no stream here")
        },
        Refusal(testDescription: "a page", outcome: .body) { connection in
            _ = connection.head()
            connection.answer(200, ["x-peerquake-cluster: west"], body: "hello\n")
        },
        Refusal(testDescription: "FIN", outcome: .eof) { connection in
            _ = connection.head()
            end(connection)
        },
        Refusal(testDescription: "RST", outcome: .reset) { connection in
            _ = connection.head()
            connection.reset()
        },
        Refusal(testDescription: "FIN amid the head", outcome: .body) { connection in
            _ = connection.head()
            connection.send("HTTP/1.1 200 OK\r\nx-peerquake-cluster: west\r\n")
            end(connection)
        },
        Refusal(testDescription: "silence", outcome: .responseTimeout) { connection in
            while connection.chunk() != nil || connection.head() != nil {}
        },
    ]

    @Test("that never connects has no connection to lose", arguments: refusals)
    func refused(refusal: Refusal) async throws {
        let server = ScriptedServer(refusal.serve)
        defer { server.stop() }
        let timeout = refusal.outcome == .responseTimeout ? 400 : 1500
        let (samples, events) = try await probe(spec(server.port, timeout: timeout))
        #expect(outcomes(samples) == [refusal.outcome], "\(outcomes(samples))")
        #expect(lost(events).isEmpty)
        if refusal.outcome != .wrongCluster { #expect(opened(events).isEmpty) }
    }

    @Test("at a closed port is refused slot by slot, and in a full backlog times out")
    func unreachable() async throws {
        let server = ScriptedServer { _ in }
        let port = server.port
        server.stop()
        try await Task.sleep(for: .milliseconds(50))
        let (refused, _) = try await probe(spec(port))
        #expect(outcomes(refused) == [.refused] && refused.allSatisfy { $0.connection == 0 })
        let full = try #require(FullBacklog())
        let (silent, events) = try await probe(spec(full.port, timeout: 400))
        #expect(outcomes(silent) == [.connectTimeout] && events.isEmpty)
        #expect(silent.contains { $0.flags.contains(.waited) })
    }

    @Test("connects to where it is sent after a move, once its connection ends")
    func moves() async throws {
        let first = ScriptedServer { connection in
            _ = Self.begin(connection)
            Self.echo(connection, 7)
            connection.cork()
            Self.echo(connection, 1)
            Self.end(connection)
        }
        let second = ScriptedServer { connection in
            _ = Self.begin(connection)
            Self.echo(connection)
        }
        defer {
            first.stop()
            second.stop()
        }
        await Turn.shared.take()
        defer { Turn.shared.give() }
        let memory = Memory()
        let prober = try Prober(clock: RunClock(), sink: memory)
        let lane = try await prober.start(spec(first.port))
        prober.move(lane.id, to: ProbeAddress(host: "127.0.0.1", port: second.port))
        try await Task.sleep(for: .milliseconds(600))
        await prober.stop(lane.id)
        await prober.close()
        #expect(first.connections <= 1 && second.connections == 1)
        #expect(outcomes(memory.samples.withLock { $0 }) == [.ok])
    }
}
