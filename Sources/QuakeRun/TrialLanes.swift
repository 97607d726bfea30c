import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
import QuakeTimeline

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
            let route = try await request.peering.route(from: client, to: traffic.to)
            for mode in traffic.connections {
                nextID += 1
                let spec = probe(
                    traffic, mode, LaneID(rawValue: nextID), trial, cell.settings.peering,
                    ProbeAddress(host: route.host, port: route.port))
                try await lanes.begin(spec, prober, recorder)
            }
            nextID += 1
            let local = try await request.peering.localRoute(in: server)
            try await lanes.begin(
                control(
                    traffic, .sameCluster, LaneID(rawValue: nextID), trial, url: traffic.url,
                    address: ProbeAddress(host: local.host, port: local.port), expected: traffic.to), prober, recorder)
        }
        if let traffic = cell.traffic.first {
            nextID += 1
            try await lanes.begin(
                control(
                    traffic, .loopback, LaneID(rawValue: nextID), trial, url: "http://127.0.0.1:\(loopback.port)/",
                    address: nil, expected: LoopbackServer.name), prober, recorder)
        }
        return lanes
    }

    private static func probe(
        _ traffic: Traffic, _ mode: ConnectionMode, _ id: LaneID, _ trial: Int, _ peering: PeeringMethod?,
        _ address: ProbeAddress
    ) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: id, trial: trial, traffic: traffic.name, from: traffic.from, to: traffic.to, peering: peering,
                mode: mode, url: traffic.url, period: .seconds(1 / traffic.rate), deadline: traffic.deadline,
                timeout: traffic.timeout, origin: .origin),
            address: address, method: traffic.method, headers: traffic.headers, body: traffic.body,
            pooledConnections: traffic.pooledConnections, expectedCluster: traffic.to)
    }

    private static func control(
        _ traffic: Traffic, _ role: Lane.Role, _ id: LaneID, _ trial: Int, url: String, address: ProbeAddress?,
        expected: String
    ) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: id, trial: trial, role: role, traffic: role == .loopback ? "control" : traffic.name,
                from: traffic.to, to: traffic.to, mode: .new, url: url, period: .seconds(1 / controlRate),
                deadline: traffic.deadline, timeout: traffic.timeout, origin: .origin),
            address: address, expectedCluster: expected)
    }

    private mutating func begin(_ spec: LaneSpec, _ prober: any TrafficProber, _ recorder: RunRecorder) async throws {
        // Known before its first sample can come.
        recorder.lanes.begin(spec.lane)
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
        await withTaskGroup(of: Void.self) { group in
            for id in started { group.addTask { await prober.stop(id) } }
        }
        for id in started {
            recorder.lanes.end(id)
            recorder.event(.laneStopped(id))
        }
    }
}
