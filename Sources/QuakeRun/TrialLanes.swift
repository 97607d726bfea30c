import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Starts the lanes of every trial: numbers them, and holds the server of the loopback control.
final class LaneStarter: Sendable {
    private let loopback: LoopbackServer
    private let next = Mutex<UInt32>(0)

    init() throws { loopback = try LoopbackServer() }

    /// - Throws: ``RunError`` if a balancer cannot be found or the prober cannot probe it.
    func start(_ cell: Cell, _ trial: Int, _ session: Session) async throws -> TrialLanes {
        var id = next.withLock { $0 }
        let lanes = try await TrialLanes.start(
            cell, trial: trial, request: session.request, prober: session.prober, recorder: session.recorder,
            loopback: loopback, nextID: &id)
        next.withLock { [id] in $0 = id }
        return lanes
    }

    func stop() { loopback.stop() }
}

/// The lanes of one trial: each traffic in each connection mode, and the controls.
struct TrialLanes {
    /// Requests a second of a control lane.
    private static let controlRate = 20.0

    private var started: [LaneID] = []

    /// Starts them all.
    ///
    /// - Throws: ``RunError`` if a balancer cannot be found or the prober cannot probe it.
    static func start(
        _ cell: Cell, trial: Int, request: RunRequest, prober: any TrafficProber, recorder: RunRecorder,
        loopback: LoopbackServer,
        nextID: inout UInt32
    ) async throws -> TrialLanes {
        var lanes = TrialLanes()
        for traffic in cell.traffic {
            guard let client = request.clusters[traffic.from], let server = request.clusters[traffic.to] else {
                continue
            }
            let authorities = try authorities(of: traffic, in: request.plan.attachments)
            let route = try await request.peering.route(from: client, to: traffic.to)
            for mode in traffic.connections {
                nextID += 1
                let lane = Lane(
                    id: LaneID(rawValue: nextID), trial: trial, traffic: traffic.name, from: traffic.from,
                    to: traffic.to, peering: cell.settings.peering, mode: mode, url: traffic.url,
                    period: .seconds(1 / traffic.rate), deadline: traffic.deadline, timeout: traffic.timeout,
                    origin: .origin)
                try await lanes.begin(
                    requests(traffic, lane, ProbeAddress(host: route.host, port: route.port), authorities), prober,
                    recorder)
            }
            nextID += 1
            let local = try await request.peering.localRoute(in: server)
            let lane = control(traffic, .sameCluster, LaneID(rawValue: nextID), trial, url: traffic.url)
            try await lanes.begin(
                requests(traffic, lane, ProbeAddress(host: local.host, port: local.port), authorities), prober,
                recorder)
        }
        if let traffic = cell.traffic.first {
            nextID += 1
            let lane = control(
                traffic, .loopback, LaneID(rawValue: nextID), trial, url: "http://127.0.0.1:\(loopback.port)/")
            try await lanes.begin(LaneSpec(lane: lane, expectedCluster: LoopbackServer.name), prober, recorder)
        }
        return lanes
    }

    /// What a plan's traffic asks, over a lane that crosses or over its control.
    private static func requests(
        _ traffic: Traffic, _ lane: Lane, _ address: ProbeAddress, _ authorities: String?
    ) -> LaneSpec {
        LaneSpec(
            lane: lane, address: address, method: traffic.method, headers: traffic.headers, body: traffic.body,
            pooledConnections: traffic.pooledConnections, expectedCluster: traffic.to,
            expectedStatus: traffic.expectStatus, authorities: authorities, verifies: !traffic.insecure)
    }

    private static func control(
        _ traffic: Traffic, _ role: Lane.Role, _ id: LaneID, _ trial: Int, url: String
    ) -> Lane {
        Lane(
            id: id, trial: trial, role: role, traffic: role == .loopback ? "control" : traffic.name, from: traffic.to,
            to: traffic.to, mode: .new, url: url, period: .seconds(1 / controlRate), deadline: traffic.deadline,
            timeout: traffic.timeout, origin: .origin)
    }

    private static func authorities(of traffic: Traffic, in attachments: Attachments) throws -> String? {
        guard let file = traffic.caFile else { return nil }
        guard let text = attachments[file] else {
            throw RunError(.harness, "\(traffic.name): \(file) was not read with the plan")
        }
        return text
    }

    private mutating func begin(_ spec: LaneSpec, _ prober: any TrafficProber, _ recorder: RunRecorder) async throws {
        // Known before its first sample can come.
        recorder.lanes.expect(spec.lane)
        do {
            let lane = try await prober.start(spec)
            recorder.lanes.begin(lane)
            recorder.archive.add(lane)
            recorder.event(.laneStarted(lane.id))
            started.append(lane.id)
        } catch {
            throw RunError(.harness, "\(error)")
        }
    }

    /// Sends no more, and waits for what is under way.
    func stop(_ prober: any TrafficProber, _ recorder: RunRecorder) async {
        recorder.lanes.stop(started, at: recorder.clock.now)
        await withTaskGroup(of: Void.self) { group in
            for id in started { group.addTask { await prober.stop(id) } }
        }
        for id in started {
            recorder.lanes.end(id)
            recorder.event(.laneStopped(id))
        }
    }
}
