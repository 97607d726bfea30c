import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

@Suite("The prober", .serialized)
struct ProberTests {
    private func lane(_ url: String, _ mode: ConnectionMode = .new, timeout: Duration = .milliseconds(400)) -> Lane {
        Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "b", mode: mode, url: url,
            period: .milliseconds(10), deadline: .milliseconds(200), timeout: timeout, origin: .origin)
    }

    /// Probes for a short while and returns every sample by sequence.
    private func probe(_ spec: LaneSpec, for length: Duration = .milliseconds(500)) async throws -> [Sample] {
        let (memory, lane) = try await probing(spec, for: length)
        let samples = memory.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        // Nothing skipped, nothing twice, each due at its own moment: the loop is open.
        #expect(samples.map(\.sequence) == Array(0..<UInt64(samples.count)))
        #expect(samples.allSatisfy { $0.due == lane.due($0.sequence) })
        return samples
    }

    @Test("asks in an open loop and drains what is in flight", arguments: [ConnectionMode.new])
    func good(mode: ConnectionMode) async throws {
        let server = try LoopbackServer()
        defer { server.stop() }
        let spec = LaneSpec(
            lane: lane("http://echo.example:80/", mode),
            address: ProbeAddress(host: "127.0.0.1", port: server.port), expectedCluster: LoopbackServer.name)
        let samples = try await probe(spec)
        #expect(samples.count > 20)
        // Its own stalls are its own: whatever was answered was answered well.
        #expect(samples.allSatisfy { $0.outcome == .ok || $0.outcome.isClientFailure || $0.outcome == .late })
        #expect(samples.contains { $0.outcome == .ok && $0.localPort != 0 && $0.httpStatus == 200 })
    }

    @Test("tells the wrong cluster, a refusal and a silent address apart")
    func bad() async throws {
        let server = try LoopbackServer()
        let wrong = LaneSpec(
            lane: lane("http://127.0.0.1:\(server.port)/"), expectedCluster: "somebody else")
        #expect(try await probe(wrong).contains { $0.outcome == .wrongCluster })
        let port = server.port
        server.stop()
        try await Task.sleep(for: .milliseconds(50))
        let refused = try await probe(LaneSpec(lane: lane("http://127.0.0.1:\(port)/")))
        #expect(refused.contains { $0.outcome == .refused && $0.errno == 111 })
    }

    @Test("refuses what it cannot probe")
    func refusals() async throws {
        let prober = try Prober(clock: RunClock(), sink: Memory())
        var still = lane("http://127.0.0.1/")
        still.periodNanoseconds = 0
        let spec = LaneSpec(lane: still)
        await #expect(throws: ProbeError.self) { try await prober.start(spec) }
        await prober.close()
    }

    @Test("starts, moves and stops lanes while others run, which miss nothing", arguments: ConnectionMode.allCases)
    func lanes(mode: ConnectionMode) async throws {
        // Who answers says so; a stream's own messages come back.
        func server(_ name: String) -> ScriptedServer {
            ScriptedServer { connection in
                while let head = connection.head() {
                    guard head.contains(ConnectionMode.streamContentType) else {
                        connection.answer(200, ["x-peerquake-cluster: \(name)"], body: "hello")
                        continue
                    }
                    connection.send(
                        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-peerquake-cluster: \(name)\r\n\r\n")
                    // The second lane's first stream ends, so that it connects anew.
                    var left = name == "first" && connection.number == 1 ? 20 : Int.max
                    while left > 0, let message = connection.chunk() {
                        connection.send(chunk: message)
                        left -= 1
                    }
                    return
                }
            }
        }
        let (first, second) = (server("first"), server("second"))
        defer {
            first.stop()
            second.stop()
        }
        await Turn.shared.take()
        defer { Turn.shared.give() }
        let memory = Memory()
        let prober = try Prober(clock: RunClock(), sink: memory)
        #expect(["SCHED_FIFO 1", "SCHED_OTHER"].contains(prober.scheduling))
        func begin(_ id: UInt32, every millis: Int) async throws -> Lane {
            var lane = lane("http://echo/", mode)
            lane.id = LaneID(rawValue: id)
            lane.periodNanoseconds = Int64(millis) * 1_000_000
            return try await prober.start(
                LaneSpec(lane: lane, address: ProbeAddress(host: "127.0.0.1", port: first.port), pooledConnections: 2))
        }
        let steady = try await begin(1, every: 10)
        try await Task.sleep(for: .milliseconds(100))
        let moved = try await begin(2, every: 10)
        try await Task.sleep(for: .milliseconds(100))
        prober.move(moved.id, to: ProbeAddress(host: "127.0.0.1", port: second.port))
        try await Task.sleep(for: .milliseconds(400))
        await prober.stop(moved.id)
        let atStop = memory.samples.withLock { $0.count { $0.lane == moved.id } }
        // The same requests at another rate are another lane.
        let faster = try await begin(3, every: 4)
        try await Task.sleep(for: .milliseconds(200))
        await prober.stop(steady.id)
        await prober.close()
        let samples = memory.samples.withLock { $0 }
        for lane in [steady, moved, faster] {
            let own = samples.filter { $0.lane == lane.id }.sorted { $0.sequence < $1.sequence }
            #expect(own.map(\.sequence) == Array(0..<UInt64(own.count)) && own.count >= 30)
            #expect(own.allSatisfy { $0.due == lane.due($0.sequence) })
            let mayEnd = mode == .stream && lane.id == moved.id
            #expect(own.allSatisfy { !$0.outcome.isBad || $0.outcome == .late || mayEnd })
        }
        #expect(samples.count { $0.lane == moved.id } == atStop, "what was stopped records no more")
        #expect(first.connections > 0)
        // A pinned connection stays where it is; everything new goes elsewhere.
        #expect(mode == .pooled || second.connections > 0)
    }
}
