import Foundation
import NIOHTTP1
import QuakeBase
import QuakeCurl
import QuakeHTTP
import QuakeKube
import QuakeMeshAgent
import QuakePlan
import QuakeProbe
import QuakeProbePod
import QuakeProbeWire
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRemoteProbe

/// Keeps what the runner's side hands on.
private final class Record: ProbeSink {
    let samples = Mutex<[Sample]>([])
    let events = Mutex<[Event]>([])
    let servers = Mutex<[ServingIdentity]>([])
    let texts = Mutex<[String]>([])

    func record(_ new: [Sample]) { samples.withLock { $0 += new } }
    func record(_ event: Event) { events.withLock { $0.append(event) } }
    func server(_ identity: ServingIdentity) -> UInt32 {
        servers.withLock { servers in
            servers.append(identity)
            return UInt32(servers.count)
        }
    }
    func text(_ text: String) -> UInt32 {
        texts.withLock { texts in
            texts.append(text)
            return UInt32(texts.count)
        }
    }

    var gaps: [String] {
        events.withLock { $0.compactMap { if case .gap(_, _, let reason) = $0.what { reason } else { nil } } }
    }
}

/// An API server that knows pod proxies alone, and can be told to fail.
private final class ProxyServer: Sendable {
    private let listener: any MeshListener
    let url: String

    init(to address: String) async throws {
        url = "http://\(address):8001"
        let broken = isBroken
        let server = HTTPServer { request in
            .later {
                if broken.value.withLock({ $0 }) { return SimpleAnswer(status: .serviceUnavailable) }
                let path = request.uri.components(separatedBy: "/proxy").last ?? "/"
                var inner = HTTPRequest(
                    request.method.rawValue, "http://\(address):\(ProberAPI.port)\(path)", timeout: .seconds(5))
                // A connection of its own: one that is kept would lead to a server that has ended.
                inner.headers = [("connection", "close")]
                if !request.body.isEmpty { inner.body = request.body }
                guard let answer = try? await HTTPClient.shared.send(inner) else {
                    return SimpleAnswer(status: .badGateway)
                }
                return SimpleAnswer(status: .init(statusCode: answer.status), body: answer.body)
            }
        }
        listener = try await SystemNetwork().listen(host: address, port: 8001, accept: server.accept)
    }

    private final class Flag: Sendable { let value = Mutex(false) }
    private let isBroken = Flag()

    func setBroken(_ flag: Bool) { isBroken.value.withLock { $0 = flag } }
    func stop() async { await listener.close() }
}

@Suite("A prober in a pod", .serialized, .timeLimit(.minutes(2)))
struct RemotePodTests {
    private static let fields = ["x-peerquake-cluster: west", "x-peerquake-node: n", "x-peerquake-pod: p"]

    private struct World: Sendable {
        var address: String
        var folder: String
        var proxy: ProxyServer
        var target: ScriptedServer
        var record: Record
        var pod: RemotePod

        func spec(_ id: UInt32, outcome: String = "") -> LaneSpec {
            LaneSpec(
                lane: Lane(
                    id: LaneID(rawValue: id), trial: 0, traffic: "echo", from: "east", to: "west", mode: .new,
                    url: "http://127.0.0.1:\(target.port)/", period: .milliseconds(10), origin: .origin),
                expectedCluster: "west")
        }
    }

    private func withWorld(_ body: (World) async throws -> Void) async throws {
        let folder = try TemporaryDirectory()
        let address = "127.77.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        let target = ScriptedServer { connection in
            while connection.head() != nil { connection.answer(200, Self.fields, body: "hello") }
        }
        let proxy = try await ProxyServer(to: address)
        let kube = KubeClient(
            Kubeconfig.Context(
                name: "test", cluster: .init(name: "test", server: proxy.url), user: .init(name: "test")))
        let record = Record()
        let pod = RemotePod(kube, namespace: "istio-system", pod: "prober", clock: RunClock(), sink: record)
        let world = World(
            address: address, folder: folder.path, proxy: proxy, target: target, record: record, pod: pod)
        do {
            try await body(world)
        } catch {
            await proxy.stop()
            target.stop()
            throw error
        }
        await proxy.stop()
        target.stop()
    }

    private func server(_ world: World) async throws -> ProberServer {
        try await ProberServer(address: world.address, folder: world.folder, on: SystemNetwork())
    }

    /// Every slot once, due where the run's clock has it.
    private func expectWhole(_ samples: [Sample], _ lane: Lane) {
        let sorted = samples.sorted { $0.sequence < $1.sequence }
        #expect(sorted.map(\.sequence) == Array(0..<UInt64(sorted.count)))
        #expect(sorted.allSatisfy { $0.due == lane.due($0.sequence) && $0.done >= $0.due })
    }

    @Test("hands out every sample once, on the run's clock, the last ones too")
    func whole() async throws {
        try await withWorld { world in
            let server = try await server(world)
            try await world.pod.begin()
            let relation = try await world.pod.relate()
            #expect(relation.bound < .seconds(1))
            let lane = try await world.pod.start(world.spec(1), relation)
            try await Task.sleep(for: .milliseconds(500))
            await world.pod.stop(lane.id)
            let samples = world.record.samples.withLock { $0 }
            #expect(samples.count >= 45)
            expectWhole(samples, lane)
            #expect(samples.count { $0.outcome == .ok && $0.server == 1 } > samples.count / 2)
            #expect(world.record.servers.withLock { $0 } == [ServingIdentity(cluster: "west", node: "n", pod: "p")])
            #expect(world.record.gaps.isEmpty)
            await server.terminate()
        }
    }

    @Test("loses nothing and repeats nothing when readings break")
    func broken() async throws {
        try await withWorld { world in
            let server = try await server(world)
            try await world.pod.begin()
            let lane = try await world.pod.start(world.spec(1), try await world.pod.relate())
            for step in 0..<12 {
                world.proxy.setBroken(step % 3 == 1)
                let answered = await world.pod.read()
                #expect(answered == (step % 3 != 1))
                try await Task.sleep(for: .milliseconds(60))
            }
            world.proxy.setBroken(false)
            await world.pod.stop(lane.id)
            expectWhole(world.record.samples.withLock { $0 }, lane)
            #expect(world.record.gaps.isEmpty)
            await server.terminate()
        }
    }

    @Test("that restarts is seen, and what its volume kept is handed out")
    func restart() async throws {
        try await withWorld { world in
            let first = try await server(world)
            try await world.pod.begin()
            let lane = try await world.pod.start(world.spec(1), try await world.pod.relate())
            try await Task.sleep(for: .milliseconds(300))
            // Nobody reads before it ends: its records are on the volume alone.
            await first.terminate()
            let second = try await server(world)
            let answered = await world.pod.read()
            #expect(answered)
            let samples = world.record.samples.withLock { $0 }
            #expect(samples.count >= 25)
            expectWhole(samples, lane)
            #expect(world.record.gaps == ["prober restarted: its lanes ended with it"])
            await second.terminate()
        }
    }

    @Test("begins with nothing of an earlier run")
    func leftovers() async throws {
        try await withWorld { world in
            let server = try await server(world)
            try await world.pod.begin()
            let lane = try await world.pod.start(world.spec(1), try await world.pod.relate())
            try await Task.sleep(for: .milliseconds(200))
            await world.pod.stop(lane.id)
            let before = world.record.samples.withLock { $0.count }
            try await world.pod.begin()
            await world.pod.read()
            #expect(world.record.samples.withLock { $0.count } == before)
            await server.terminate()
        }
    }

    @Test("ends the lanes of a run that was killed when the next one begins")
    func orphans() async throws {
        try await withWorld { world in
            let server = try await server(world)
            try await world.pod.begin()
            _ = try await world.pod.start(world.spec(1), try await world.pod.relate())
            try await Task.sleep(for: .milliseconds(100))
            let kube = KubeClient(
                Kubeconfig.Context(
                    name: "test", cluster: .init(name: "test", server: world.proxy.url), user: .init(name: "test")))
            let record = Record()
            let next = RemotePod(kube, namespace: "istio-system", pod: "prober", clock: RunClock(), sink: record)
            try await next.begin()
            // Its own lane has the number of the other run's.
            let lane = try await next.start(world.spec(1), try await next.relate())
            try await Task.sleep(for: .milliseconds(300))
            await next.stop(lane.id)
            expectWhole(record.samples.withLock { $0 }, lane)
            await server.terminate()
        }
    }

    @Test("ends its lanes when what they record has not been read for long")
    func abandoned() async throws {
        try await withWorld { world in
            let server = try await ProberServer(
                address: world.address, folder: world.folder, on: SystemNetwork(), patience: .milliseconds(400))
            try await world.pod.begin()
            let lane = try await world.pod.start(world.spec(1), try await world.pod.relate())
            // Reading would put the end off: what is recorded goes into the file too.
            let file = "\(world.folder)/records.ndjson"
            var (size, since) = (0, ContinuousClock.now)
            try await poll(until: "the lane's end", within: .seconds(30), every: .milliseconds(50)) {
                () -> Look<Void> in
                let now = FileManager.default.contents(atPath: file)?.count ?? 0
                if now != size { (size, since) = (now, .now) }
                return size > 0 && ContinuousClock.now - since > .seconds(1) ? .met(()) : .notYet("\(now) bytes")
            }
            await world.pod.read()
            expectWhole(world.record.samples.withLock { $0 }, lane)
            await server.terminate()
        }
    }

    @Test("streams messages to an echo and back")
    func stream() async throws {
        try await withWorld { world in
            let echo = try await Echo(
                PodIdentity(cluster: "west", node: "n", pod: "p", address: world.address), on: SystemNetwork())
            let server = try await server(world)
            try await world.pod.begin()
            var spec = world.spec(1)
            spec.lane.mode = .stream
            spec.lane.url = "http://\(world.address):\(Echo.port)/"
            let lane = try await world.pod.start(spec, try await world.pod.relate())
            try await Task.sleep(for: .milliseconds(500))
            await echo.kill()
            await world.pod.stop(lane.id)
            let samples = world.record.samples.withLock { $0 }
            expectWhole(samples, lane)
            let good = samples.filter { $0.outcome == .ok }
            #expect(good.count > 25 && good.allSatisfy { $0.connection == 1 && $0.server == 1 })
            #expect(good.count { $0.flags.contains(.reused) } >= good.count - 1)
            #expect(world.record.servers.withLock { $0 } == [ServingIdentity(cluster: "west", node: "n", pod: "p")])
            await server.terminate()
        }
    }

    @Test("refuses what cannot be probed, with the reason")
    func refusal() async throws {
        try await withWorld { world in
            let server = try await server(world)
            try await world.pod.begin()
            var spec = world.spec(1)
            spec.lane.periodNanoseconds = 0
            let relation = try await world.pod.relate()
            let bad = spec
            let error = await #expect(throws: ProbeError.self) { _ = try await world.pod.start(bad, relation) }
            #expect(error?.message.contains("a lane without a rate") == true)
            await server.terminate()
        }
    }

    @Test("writes a sample down as numbers, and reads the same one")
    func wire() throws {
        let at = { RunInstant(nanoseconds: $0) }
        let whole = Sample(
            lane: LaneID(rawValue: 7), sequence: 1 << 40, due: at(-5), sent: at(6), connected: at(7), firstByte: at(8),
            done: at(9), outcome: .late, flags: [.reused, .extraConnection], httpStatus: 200, errno: 104,
            localPort: 65_535, connection: 3, server: 2, text: 1)
        var bare = whole
        (bare.connected, bare.firstByte) = (nil, nil)
        for sample in [whole, bare] {
            let data = try JSONEncoder().encode(WireSample(sample))
            let read = try JSONDecoder().decode(WireSample.self, from: data)
            #expect(read.sample == sample)
        }
    }
}
