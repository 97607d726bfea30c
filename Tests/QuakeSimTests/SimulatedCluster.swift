import QuakeBase
import QuakeSim

/// One control plane and three workers, with two gateways apart, as the recorded cluster had.
struct SimulatedCluster {
    var model: Simulation
    var log: [(at: SimInstant, change: Change)] = []

    static let service = ObjectKey("gw-system", "gw-nodeport")
    static let deployment = ObjectKey("gw-system", "gw")

    init(timings: Timings = Timings(), seed: UInt64 = 1, tolerationSeconds: Int = 30) {
        model = Simulation(timings: timings, seed: seed)
        model.addNode(
            "control-plane", labels: ["kubernetes.io/hostname": "control-plane"],
            taints: [Taint("node-role.kubernetes.io/control-plane", .noSchedule)])
        for name in ["worker", "worker2", "worker3"] {
            model.addNode(name, labels: ["kubernetes.io/hostname": name, "topology.kubernetes.io/zone": "z-\(name)"])
        }
        let labels = ["app": "gw"]
        var template = PodTemplate(labels: labels, preStop: .seconds(5), fingerprint: "v1")
        template.antiAffinity = [
            .init(LabelSelector(matchLabels: labels), topologyKey: "kubernetes.io/hostname")
        ]
        template.tolerations = [Taint.notReadyKey, Taint.unreachableKey].map {
            Toleration($0, effect: .noExecute, seconds: tolerationSeconds)
        }
        model.put(
            Deployment(
                key: Self.deployment, replicas: 2, selector: LabelSelector(matchLabels: labels), template: template,
                created: .start))
        model.put(Service(key: Self.service, selector: labels))
        run(for: .seconds(60))
        log = []
    }

    /// Lets virtual time pass, one event after the other, and keeps what changed.
    mutating func run(for length: Duration) {
        let end = model.now + length
        collect()
        while let next = model.nextEvent, next <= end {
            model.advance(to: next)
            collect()
        }
        model.advance(to: end)
        collect()
    }

    mutating func collect() {
        for change in model.takeChanges() { log.append((model.now, change)) }
    }

    /// A node with a gateway, and that gateway.
    var victim: (node: String, pod: ObjectKey) {
        let pod = model.pods.values.filter { $0.node != nil }.sorted { $0.key < $1.key }[0]
        return (pod.node ?? "", pod.key)
    }

    /// What changed of a node, of the pod on it, of its endpoint and of the pod that takes its place.
    func milestones(node: String, pod: ObjectKey, since: SimInstant) -> [Milestone] {
        var reader = MilestoneReader(node: node, pod: pod, since: since)
        for entry in log { reader.read(entry.change, at: entry.at) }
        return reader.found
    }
}

/// One step of a sequence, as the fixtures have it.
struct Milestone: Codable, Equatable, CustomStringConvertible {
    var at: Double
    var subject: String
    var what: String

    var name: String { "\(subject) \(what)" }
    var description: String { "\(name) at \(at)" }
}

/// Reads changes into milestones.
struct MilestoneReader {
    let node: String
    let pod: ObjectKey
    let since: SimInstant
    var found: [Milestone] = []
    private var lastNode: Node?
    private var pods: [ObjectKey: Pod] = [:]
    private var endpoint: Endpoint?
    private var replacement: ObjectKey?

    init(node: String, pod: ObjectKey, since: SimInstant) {
        self.node = node
        self.pod = pod
        self.since = since
    }

    mutating func read(_ change: Change, at: SimInstant) {
        func add(_ subject: String, _ what: String) {
            guard at >= since else { return }
            found.append(Milestone(at: (at - since).inSeconds, subject: subject, what: what))
        }
        switch change {
        case .node(let new) where new.name == node:
            let old = lastNode ?? Node(name: node)
            if old.unschedulable != new.unschedulable {
                add("node", new.unschedulable ? "unschedulable" : "schedulable")
            }
            if old.readiness != new.readiness { add("node", "ready=\(new.readiness.rawValue)") }
            for taint in new.taints where !old.taints.contains(where: { $0.isSame(as: taint) }) {
                add("node", "taint \(taint.key):\(taint.effect.rawValue)")
            }
            for taint in old.taints where !new.taints.contains(where: { $0.isSame(as: taint) }) {
                add("node", "untaint \(taint.key):\(taint.effect.rawValue)")
            }
            lastNode = new
        case .pod(let new):
            if new.key != pod, pods[new.key] == nil, replacement == nil, at >= since {
                replacement = new.key
                add("replacement", "created")
            }
            guard new.key == pod || new.key == replacement else { return }
            let subject = new.key == pod ? "pod" : "replacement"
            let old = pods[new.key]
            if let reason = new.disruption, old?.disruption == nil { add(subject, "disruption \(reason)") }
            if new.isTerminating, old?.isTerminating != true { add(subject, "terminating") }
            let wasReady = old?.ready ?? (new.key == pod)
            if wasReady != new.ready { add(subject, "ready=\(new.ready ? "True" : "False")") }
            pods[new.key] = new
        case .podRemoved(let gone) where gone.key == pod: add("pod", "deleted")
        case .service(let service) where service.key == SimulatedCluster.service:
            let new = service.endpoints.first { $0.pod == pod }
            if let new, new != endpoint ?? Endpoint(pod: pod, node: node, serving: true, terminating: false) {
                func letter(_ flag: Bool) -> String { flag ? "T" : "F" }
                add(
                    "endpoint",
                    "ready=\(letter(new.ready)) serving=\(letter(new.serving)) terminating=\(letter(new.terminating))")
            }
            if new == nil, endpoint != nil { add("endpoint", "gone") }
            endpoint = new
        default: break
        }
    }
}
