import QuakeBase
import QuakeKindConfig
import QuakeKube
import QuakeMesh
import QuakeSim

/// The controller manager's flags: those of its static pod, and what it takes where they are not given.
extension ClusterCore {
    private static let graceFlag = "node-monitor-grace-period"
    private static let periodFlag = "node-monitor-period"

    func bootFlags() {
        managerFlags = [
            Self.graceFlag: shape.timings.gracePeriod.flagText,
            Self.periodFlag: shape.timings.monitorPeriod.flagText,
        ]
        for argument in shape.controllerManager { managerFlags[argument.flag] = argument.value }
    }

    /// Replaces flags of the controller manager, which restarts it; what is not named stays. An empty value removes.
    func setManagerFlags(_ flags: [String: String]) throws(APIStatus) {
        var next = managerFlags
        for (name, value) in flags { next[name] = value.isEmpty ? nil : value }
        guard next != managerFlags else { return }
        let grace = try Self.duration(next[Self.graceFlag], else: shape.defaultGracePeriod)
        let period = try Self.duration(next[Self.periodFlag], else: .seconds(5))
        managerFlags = next
        withModel { $0.restartControllerManager(gracePeriod: grace, monitorPeriod: period) }
        for node in shape.nodes where node.isControlPlane {
            let key = ObjectKey("kube-system", "kube-controller-manager-\(node.name)")
            guard var pod = store[.pods, key] else { continue }
            var containers = PodView(pod).containers
            guard !containers.isEmpty else { continue }
            containers[0]["command"] = .array(managerCommand.map { .string($0) })
            pod.set(.array(containers), at: "spec", "containers")
            store.commit(.pods, key, pod)
        }
    }

    private static func duration(_ text: String?, else fallback: Duration) throws(APIStatus) -> Duration {
        guard let text else { return fallback }
        guard let value = GoDuration.parse(text), value > .zero else {
            throw .badRequest("\"\(text)\" is not a duration, as 16s")
        }
        return value
    }

    var managerState: (flags: [String: String], leads: Bool) {
        settle()
        return (managerFlags, sim.managerLeads)
    }

    /// As its static pod runs it: with the configuration's flags as they are now, and those that were added since.
    var managerCommand: [String] {
        let written = Dictionary(shape.controllerManager.map { ($0.flag, $0.value) }) { $1 }
        let defaults = [Self.graceFlag: shape.defaultGracePeriod, Self.periodFlag: .seconds(5)]
        let kept = shape.controllerManager.compactMap { argument -> String? in
            guard let value = managerFlags[argument.flag] else { return nil }
            return "--\(argument.name)=\(value == written[argument.flag] ? argument.value : value)"
        }
        let added = managerFlags.filter { flag, value in
            written[flag] == nil && defaults[flag]?.flagText != value
        }
        return ["kube-controller-manager"] + kept + added.sorted { $0.key < $1.key }.map { "--\($0.key)=\($0.value)" }
    }
}
