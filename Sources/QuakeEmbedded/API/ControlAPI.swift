import QuakeCluster
import QuakeKube
import QuakeSim

/// What no Kubernetes API has: the power of machines, the controller manager's flags, and how the clusters' own process
/// fares.
///
///     GET  /peerquake.dev/v1/info
///     GET  /peerquake.dev/v1/nodes/NAME/power
///     PUT  /peerquake.dev/v1/nodes/NAME/power            {"action": "power-off"}
///     GET  /peerquake.dev/v1/controller-manager
///     PUT  /peerquake.dev/v1/controller-manager          {"flags": {"node-monitor-grace-period": "16s"}}
///     GET  /peerquake.dev/v1/stalls?after=NUMBER
///     GET  /peerquake.dev/v1/not-modelled
///
/// Actions: `power-off`, `kill-container`, `pause`, `disconnect`, `stop-kubelet`, and `start`, which undoes each;
/// `provision` registers a node anew whose Node was deleted.
struct ControlAPI: Sendable {
    var core: ClusterCore
    var watch: LoopWatch

    func answer(_ request: APIRequest) async throws(APIStatus) -> APIAnswer {
        guard request.path.count >= 3, request.path[1] == "v1" else { throw .noSuchPath }
        switch (request.path[2], request.method) {
        case ("info", "GET"):
            return .json(["environment": "embedded", "name": .string(core.shape.name)])
        case ("nodes", "GET") where request.path.count == 5 && request.path[4] == "power":
            return .json(Self.json(try await core.machine(of: request.path[3])))
        case ("nodes", "PUT") where request.path.count == 5 && request.path[4] == "power":
            let action = try request.object()["action"]?.stringValue ?? ""
            try await act(action, on: request.path[3])
            return .json(Self.json(try await core.machine(of: request.path[3])))
        case ("controller-manager", "GET"): return .json(await manager())
        case ("controller-manager", "PUT"):
            try await core.setManagerFlags(try request.object()["flags"]?.stringMembers ?? [:])
            return .json(await manager())
        case ("not-modelled", "GET"): return .json(await core.notModelled.json)
        case ("stalls", "GET"):
            return .json(Self.json(watch.stalls(after: request.query["after"].flatMap { Int($0) } ?? 0)))
        default: throw .noSuchPath
        }
    }

    private func act(_ action: String, on node: String) async throws(APIStatus) {
        switch action {
        case "power-off": try await core.act(on: node, [.turnOff], ending: .silent)
        case "kill-container": try await core.act(on: node, [.turnOff], ending: .fin)
        case "pause": try await core.act(on: node, [.pause], ending: .silent)
        case "disconnect": try await core.act(on: node, [.disconnect], ending: .silent)
        case "stop-kubelet": try await core.act(on: node, [.stopKubelet], ending: .silent)
        case "start":
            let machine = try await core.machine(of: node)
            var actions: [Simulation.MachineAction] = []
            if !machine.isOn { actions.append(.turnOn) }
            if machine.isPaused { actions.append(.unpause) }
            if !machine.isConnected { actions.append(.connect) }
            if !machine.kubeletRuns { actions.append(.startKubelet) }
            try await core.act(on: node, machine.isOn ? actions : [.turnOn], ending: .silent)
        case "provision": try await core.provision(node)
        default: throw .badRequest("unknown action \"\(action)\"")
        }
    }

    private static func json(_ machine: Node.Machine) -> JSONValue {
        [
            "on": .bool(machine.isOn), "paused": .bool(machine.isPaused), "connected": .bool(machine.isConnected),
            "kubelet": .bool(machine.kubeletRuns),
        ]
    }

    private static func json(_ stalls: [HostStall]) -> JSONValue {
        let items = stalls.map { stall -> JSONValue in
            ["number": .int(Int64(stall.number)), "from": .int(stall.from), "to": .int(stall.to)]
        }
        return ["items": .array(items)]
    }

    private func manager() async -> JSONValue {
        let (flags, leads) = await core.managerState
        return ["flags": JSONValue(flags), "leads": .bool(leads)]
    }
}
