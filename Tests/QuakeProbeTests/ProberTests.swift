import QuakePlan
import QuakeProbe
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
        let memory = Memory()
        let prober = try Prober(clock: RunClock(), sink: memory)
        let lane = try await prober.start(spec)
        try await Task.sleep(for: length)
        await prober.stop(lane.id)
        await prober.close()
        let samples = memory.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        // Nothing skipped, nothing twice, each due at its own moment: the loop is open.
        #expect(samples.map(\.sequence) == Array(0..<UInt64(samples.count)))
        #expect(samples.allSatisfy { $0.due == lane.due($0.sequence) })
        return samples
    }

    @Test("asks in an open loop and drains what is under way", arguments: [ConnectionMode.new])
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
        await #expect(throws: ProbeError.self) {
            try await prober.start(LaneSpec(lane: lane("http://127.0.0.1/", .stream)))
        }
        await prober.close()
    }
}
