import QuakeKube
import QuakeProbe

/// What a pod was given by its manifest and the cluster's admission.
struct PodResources: Sendable, Equatable {
    /// As the manifest writes it: `250m`.
    var cpuRequest: String?
    var cpuLimit: String?
    var priority: Int?
    var priorityClass: String?

    init(cpuRequest: String? = nil, cpuLimit: String? = nil, priority: Int? = nil, priorityClass: String? = nil) {
        self.cpuRequest = cpuRequest
        self.cpuLimit = cpuLimit
        self.priority = priority
        self.priorityClass = priorityClass
    }

    /// Reads them off the pod's container `prober`: a mesh may have added its own.
    init(_ pod: JSONValue) {
        let spec = pod["spec"] ?? .null
        let resources = spec["containers"]?.arrayValue?.first { $0["name"] == "prober" }?["resources"]
        func amount(_ kind: String) -> String? {
            resources?[kind]?["cpu"]?.stringValue
        }
        self.init(
            cpuRequest: amount("requests"), cpuLimit: amount("limits"), priority: spec["priority"]?.intValue,
            priorityClass: spec["priorityClassName"]?.stringValue)
    }

    /// `CPU request 250m`, with a limit where there is one.
    var cpuWords: String {
        (cpuRequest.map { "CPU request \($0)" } ?? "no CPU request") + (cpuLimit.map { ", limit \($0)" } ?? "")
    }

    /// `priority 1000000 (peerquake-prober)`.
    var priorityWords: String {
        "priority \(priority ?? 0)" + (priorityClass.map { " (\($0))" } ?? "")
    }
}

/// Under what conditions one prober in a pod works.
struct PodConditions: Sendable {
    var pod: ProberChoice.Pod
    /// `nil` of an agent that does not tell.
    var atStart: ProberConditions?

    /// What the pod has, and what its prober obtained: `SCHED_FIFO 1, nice 0; CPU request 250m, no CPU quota; …`.
    ///
    /// - Parameter now: its last word. Its thread may not have known yet when the run began.
    func words(_ now: ProberConditions?) -> String {
        let own = now ?? atStart
        let scheduling = own?.schedulingWords ?? "scheduling not known"
        let quota = own?.quotaWords ?? "CPU quota not known"
        return "\(scheduling); \(pod.resources.cpuWords), \(quota); \(pod.resources.priorityWords)"
    }

    /// How often its control group was throttled since the run began.
    func throttledWords(_ now: ProberConditions?) -> String {
        guard let now = now?.throttling else { return "not known" }
        return now.since(atStart?.throttling ?? .init()).words
    }
}
