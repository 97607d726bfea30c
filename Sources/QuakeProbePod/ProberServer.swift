import FoundationEssentials
import NIOHTTP1
import QuakeBase
import QuakeHTTP
package import QuakeMeshAgent
import QuakeProbe
import QuakeProbeWire
import QuakeRecord
import Synchronization

/// The prober's side inside a pod: starts and stops lanes as it is told, and keeps what they record until it is read.
///
/// A runner that was killed stops nothing. Its lanes end when the next one begins, which asks for that, or after a long time in which
/// nobody has read what they record.
package final class ProberServer: MeshRole {
    private let prober: Prober
    private let store: RecordStore
    private let loopback: LoopbackServer
    private let clock = RunClock()
    private let listener: any MeshListener
    private let watch: Task<Void, Never>

    /// - Parameters:
    ///   - folder: on the pod's volume.
    ///   - patience: for how long lanes go on though nobody reads. A client's cluster may be out of its runner's reach for as long
    ///     as its control plane is down.
    package init(
        address: String, folder: String, on network: any MeshNetwork, patience: Duration = .seconds(900)
    ) async throws {
        let store = try RecordStore(path: "\(folder)/records.ndjson")
        let prober = try Prober(clock: clock, sink: store) { store.wasRead(from: $0, to: $1) }
        let loopback = try LoopbackServer()
        let lanes = RunningLanes()
        let answering = Answering(prober: prober, store: store, loopback: loopback, clock: clock, lanes: lanes)
        watch = Task {
            while (try? await Task.sleep(for: min(patience, .seconds(5)))) != nil {
                if store.sinceRead > patience { await answering.stopAll() }
            }
        }
        self.prober = prober
        self.store = store
        self.loopback = loopback
        let server = HTTPServer { request in .later { await answering.answer(request) } }
        listener = try await network.listen(host: address, port: ProberAPI.port, accept: server.accept)
    }

    package func terminate() async {
        watch.cancel()
        await listener.close()
        await prober.close()
        store.flush()
        store.stop()
        loopback.stop()
    }

    package func kill() async { await terminate() }
}

/// The lanes that have begun and were not stopped.
private final class RunningLanes: Sendable {
    private let ids = Mutex<Set<LaneID>>([])

    func began(_ id: LaneID) { ids.withLock { _ = $0.insert(id) } }
    func ended(_ id: LaneID) { ids.withLock { _ = $0.remove(id) } }
    var all: [LaneID] { ids.withLock { Array($0) } }
}

private struct Answering: Sendable {
    var prober: Prober
    var store: RecordStore
    var loopback: LoopbackServer
    var clock: RunClock
    var lanes: RunningLanes

    /// Returns when their last requests have ended.
    func stopAll() async {
        await withTaskGroup(of: Void.self) { group in
            for id in lanes.all {
                group.addTask {
                    await prober.stop(id)
                    lanes.ended(id)
                }
            }
        }
    }

    func answer(_ request: SimpleRequest) async -> SimpleAnswer {
        let target = RequestTarget(request.uri)
        let parts = target.segments
        switch (request.method, parts.first, parts.count) {
        case (.GET, "healthz", 1): return SimpleAnswer(body: Array("ok\n".utf8))
        case (.GET, "clock", 1): return json(WireClock(nanoseconds: clock.now.nanoseconds))
        case (.GET, "conditions", 1): return json(prober.conditions)
        case (.GET, "records", 1):
            let cursor = target.values("cursor").last.flatMap { UInt64($0) } ?? 0
            return SimpleAnswer(
                fields: [("content-type", "application/json")], body: Array(store.page(from: cursor)))
        case (.POST, "lanes", 1): return await start(request.body)
        case (.POST, "lanes", 2) where parts[1] == "stop":
            await stopAll()
            store.flush()
            return json(WireEnd(next: store.next))
        case (.POST, "lanes", 3) where parts[2] == "stop":
            guard let id = UInt32(parts[1]) else { return refusal(.badRequest, "no lane \(parts[1])") }
            let at = target.values("at").last.flatMap { Int64($0) }
            await prober.stop(LaneID(rawValue: id), at: at.map { RunInstant(nanoseconds: $0) })
            lanes.ended(LaneID(rawValue: id))
            store.flush()
            return json(WireEnd(next: store.next))
        default: return refusal(.notFound, "no such path")
        }
    }

    private func start(_ body: [UInt8]) async -> SimpleAnswer {
        guard var spec = try? JSONDecoder().decode(LaneSpec.self, from: Data(body)) else {
            return refusal(.badRequest, "no lane could be read")
        }
        // The control of the prober's own stalls stays in the prober's own process.
        if spec.lane.role == .loopback { spec.lane.url = "http://127.0.0.1:\(loopback.port)/" }
        do throws(ProbeError) {
            let lane = try await prober.start(spec)
            lanes.began(lane.id)
            return json(lane)
        } catch {
            return refusal(.unprocessableEntity, "\(error)")
        }
    }

    private func json(_ value: some Encodable) -> SimpleAnswer {
        guard let data = try? JSONEncoder().encode(value) else { return refusal(.internalServerError, "no JSON") }
        return SimpleAnswer(fields: [("content-type", "application/json")], body: Array(data))
    }

    private func refusal(_ status: HTTPResponseStatus, _ why: String) -> SimpleAnswer {
        SimpleAnswer(status: status, fields: [("content-type", "text/plain")], body: Array("\(why)\n".utf8))
    }
}
