import Foundation
import NIOHTTP1
import QuakeCluster
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

@Suite("Probers that share a lane", .serialized, .timeLimit(.minutes(2)))
struct RemoteProberTests {
    private final class Record: ProbeSink {
        let samples = Mutex<[Sample]>([])
        let events = Mutex<[Event]>([])
        func record(_ new: [Sample]) { samples.withLock { $0 += new } }
        func record(_ event: Event) { events.withLock { $0.append(event) } }
        func server(_ identity: ServingIdentity) -> UInt32 { 1 }
        func text(_ text: String) -> UInt32 { 1 }

        var notes: [String] {
            events.withLock { $0.compactMap { if case .note(let text) = $0.what { text } else { nil } } }
        }
        var gaps: Int { events.withLock { $0.count { if case .gap = $0.what { true } else { false } } } }
    }

    /// An API server with one prober a node, at addresses that follow its own.
    private final class Fleet: Sendable {
        let url: String
        private let listener: any MeshListener
        private let servers: [ProberServer]

        init(_ nodes: [String], folder: String) async throws {
            let network = "127.78.\(UInt8.random(in: 1...250))"
            var servers: [ProberServer] = []
            var pods: [JSONValue] = []
            for (index, node) in nodes.enumerated() {
                let own = "\(folder)/\(index)"
                try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
                servers.append(
                    try await ProberServer(address: "\(network).\(index + 1)", folder: own, on: SystemNetwork()))
                pods.append([
                    "metadata": ["name": .string("prober-\(index + 1)")],
                    "spec": [
                        "nodeName": .string(node), "priority": 1_000_000, "priorityClassName": "peerquake-prober",
                        "containers": [
                            ["name": "a-mesh-s-own"],
                            ["name": "prober", "resources": ["requests": ["cpu": "250m", "memory": "64Mi"]]],
                        ],
                    ],
                    "status": ["conditions": [["type": "Ready", "status": "True"]]],
                ])
            }
            self.servers = servers
            let list = JSONValue.object(["metadata": ["resourceVersion": "1"], "items": .array(pods)]).serialized()
            url = "http://\(network).250:8001"
            let server = HTTPServer { request in
                .later {
                    let parts = request.uri.components(separatedBy: "/proxy")
                    guard parts.count > 1, let number = parts[0].split(separator: ":").first?.last else {
                        return SimpleAnswer(body: list)
                    }
                    var inner = HTTPRequest(
                        request.method.rawValue, "http://\(network).\(number):\(ProberAPI.port)\(parts[1])",
                        timeout: .seconds(10))
                    inner.headers = [("connection", "close")]
                    if !request.body.isEmpty { inner.body = request.body }
                    guard let answer = try? await HTTPClient.shared.send(inner) else {
                        return SimpleAnswer(status: .badGateway)
                    }
                    return SimpleAnswer(status: .init(statusCode: answer.status), body: answer.body)
                }
            }
            listener = try await SystemNetwork().listen(host: "\(network).250", port: 8001, accept: server.accept)
        }

        var cluster: Cluster {
            Cluster(
                name: "east", uid: "u",
                kube: KubeClient(
                    Kubeconfig.Context(
                        name: "east", cluster: .init(name: "east", server: url), user: .init(name: "east"))),
                kubectl: Kubectl(kubeconfigPath: "/absent", context: "east", cacheDirectory: "/tmp"))
        }

        func stop() async {
            for server in servers { await server.terminate() }
            await listener.close()
        }
    }

    private func spec(_ mode: ConnectionMode, port: Int) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", mode: mode,
                url: "http://127.0.0.1:\(port)/", period: .milliseconds(10), origin: .origin),
            pooledConnections: 4, expectedCluster: "west")
    }

    @Test("send each slot once, in turn and on time, as one lane", arguments: [ConnectionMode.new, .pooled])
    func shared(mode: ConnectionMode) async throws {
        let folder = try TemporaryDirectory()
        let target = ScriptedServer { connection in
            while connection.head() != nil {
                connection.answer(
                    200, ["x-peerquake-cluster: west", "x-peerquake-node: n", "x-peerquake-pod: p"], body: "hello")
            }
        }
        let fleet = try await Fleet(["a", "b", "c"], folder: folder.path)
        let record = Record()
        let clock = RunClock()
        let prober = try await RemoteProber(["east": fleet.cluster], clock: clock, sink: record)
        let lane = try await prober.start(spec(mode, port: target.port))
        #expect(lane.period == .milliseconds(10))
        // Past the common beginning.
        while clock.now < lane.origin + .milliseconds(600) { try await Task.sleep(for: .milliseconds(50)) }
        await prober.stop(lane.id)
        await prober.close()
        await fleet.stop()
        target.stop()

        let samples = record.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        #expect(samples.count >= 60)
        #expect(samples.map(\.sequence) == Array(0..<UInt64(samples.count)), "no gap, nothing twice, no ragged end")
        #expect(samples.allSatisfy { $0.due == lane.due($0.sequence) })
        #expect(record.gaps == 0)
        let notes = record.notes.filter { $0.contains("clocks related to ±") }
        #expect(notes.count == 3)
        if mode == .pooled {
            // Each prober's connections have numbers of their own: 1, 4, … the first one's, and so on.
            let mixed = samples.filter { $0.connection > 0 && UInt64(($0.connection - 1) % 3) != $0.sequence % 3 }
            #expect(mixed.isEmpty)
            #expect(target.connections >= 4)
        }
    }

    @Test("say what they were given and what they obtained, and whether they were throttled, by cluster")
    func conditions() async throws {
        let folder = try TemporaryDirectory()
        let fleet = try await Fleet(["a", "b"], folder: folder.path)
        let prober = try await RemoteProber(["east": fleet.cluster], clock: RunClock(), sink: Record())
        // Their threads have asked for their priority by now.
        try await Task.sleep(for: .milliseconds(100))
        let facts = await prober.facts()
        await prober.close()
        let whole = try #require(facts["east prober"])
        #expect(whole.contains(/^2 pods: SCHED_(FIFO 1|OTHER), nice -?[0-9]+; CPU request 250m, (no|a) CPU quota/))
        #expect(whole.hasSuffix("; priority 1000000 (peerquake-prober)"))
        #expect(facts["east prober throttled"] != nil)
        await fleet.stop()
    }

    @Test("of an agent that does not tell are said to be unknown, and those of one that was throttled are counted")
    func throttled() {
        let pod = ProberChoice.Pod(name: "p", node: "n")
        let old = PodConditions(pod: pod, atStart: nil)
        #expect(old.words(nil) == "scheduling not known; no CPU request, CPU quota not known; priority 0")
        #expect(old.throttledWords(nil) == "not known")
        let start = ProberConditions(
            scheduling: "SCHED_OTHER", nice: -20, quota: 0.5, throttling: .init(times: 2, nanoseconds: 5_000_000))
        var end = start
        end.throttling = .init(times: 14, nanoseconds: 345_000_000)
        let conditions = PodConditions(pod: pod, atStart: start)
        #expect(conditions.words(end).hasPrefix("SCHED_OTHER, nice -20; no CPU request, a CPU quota of 0.5;"))
        #expect(conditions.throttledWords(end) == "12 times, 340 ms in all")
        #expect(RemoteProber.joined([("p", "never"), ("q", "once, 4 ms in all")]) == "p: never; q: once, 4 ms in all")
        #expect(RemoteProber.joined([("p", "never"), ("q", "never")]) == "2 pods: never")
    }

    @Test("keep off the nodes that a plan breaks, and say where they cannot")
    func placed() {
        let pods = [("p2", "n2"), ("p1", "n1"), ("p3", "n1")].map { ProberChoice.Pod(name: $0.0, node: $0.1) }
        let free = ProberChoice(ready: pods, avoiding: [])
        #expect(free.pods.map(\.name) == ["p1", "p2", "p3"])
        #expect(free.warning == nil)
        let some = ProberChoice(ready: pods, avoiding: ["n1"])
        #expect(some.pods.map(\.name) == ["p2"])
        #expect(some.warning == nil)
        let none = ProberChoice(ready: pods, avoiding: ["n1", "n2", "n3"])
        #expect(none.pods.count == 3)
        #expect(none.warning?.contains("(n1, n2)") == true)
    }

    @Test(
        "divide connections so that none is left over, and each has one", arguments: [(4, 3), (2, 3), (8, 2), (4, 1)])
    func connections(pooled: Int, count: Int) {
        var whole = spec(.pooled, port: 1)
        whole.pooledConnections = pooled
        let shares = (0..<count).map { LaneShare(index: $0, count: count).spec(whole, origin: nil, shift: .zero) }
        #expect(shares.map(\.pooledConnections).reduce(0, +) == max(pooled, count))
        #expect(shares.allSatisfy { $0.lane.periodNanoseconds == 10_000_000 * Int64(count) && $0.startsAt == nil })
    }
}
