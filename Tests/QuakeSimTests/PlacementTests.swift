import QuakeSim
import Testing

/// A control plane with its taint and three workers in zones of their own; worker3 is cordoned.
private struct Zones {
    var model = Simulation(timings: Timings(), seed: 3)
    static let zone = "topology.kubernetes.io/zone"
    static let host = "kubernetes.io/hostname"

    init(cordoned: Bool = true) {
        model.addNode(
            "control-plane", labels: [Self.host: "control-plane"],
            taints: [Taint("node-role.kubernetes.io/control-plane", .noSchedule)])
        for name in ["worker", "worker2", "worker3"] {
            model.addNode(name, labels: [Self.host: name, Self.zone: "z-\(name)"])
        }
        if cordoned { model.updateNode("worker3", unschedulable: true) }
        run(for: 5)
    }

    mutating func run(for seconds: Int) { model.advance(to: model.now + .seconds(seconds)) }

    mutating func deploy(
        _ name: String, replicas: Int, labels: [String: String]? = nil, version: String = "v1",
        _ body: (inout PodTemplate) -> Void = { _ in }, _ more: (inout Deployment) -> Void = { _ in }
    ) {
        var template = PodTemplate(labels: labels ?? ["app": name], fingerprint: version)
        body(&template)
        var deployment = Deployment(
            key: ObjectKey("default", name), replicas: replicas, selector: LabelSelector(matchLabels: ["app": name]),
            template: template, created: model.now)
        more(&deployment)
        model.put(deployment)
    }

    func pods(_ app: String) -> [Pod] {
        model.pods.values.filter { $0.template.labels["app"] == app }.sorted { $0.key < $1.key }
    }

    func nodes(_ app: String) -> [String] { pods(app).compactMap(\.node).sorted() }
    func message(_ app: String) -> String { pods(app).compactMap(\.unschedulableReason).first ?? "" }
    func status(_ name: String) -> Deployment {
        let key = ObjectKey("default", name)
        return model.deployments[
            key, default: Deployment(key: key, selector: .nothing, template: PodTemplate(), created: model.now)]
    }
}

private func spread(_ app: String, _ key: String = Zones.zone, _ body: (inout SpreadConstraint) -> Void = { _ in })
    -> (inout PodTemplate) -> Void
{
    var constraint = SpreadConstraint(LabelSelector(matchLabels: ["app": app]), topologyKey: key)
    body(&constraint)
    let made = constraint
    return { $0.placement.spread = [made] }
}

@Suite("Where pods may run")
struct PlacementTests {
    private static let tail =
        " no new claims to deallocate, preemption: 0/4 nodes are available: 2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling."

    @Test("a spread counts cordoned and tainted nodes as domains")
    func spreadOverCordoned() {
        var zones = Zones()
        zones.deploy("edge", replicas: 4, spread("edge"))
        zones.run(for: 10)
        #expect(zones.nodes("edge") == ["worker", "worker2"])
        #expect(
            zones.message("edge")
                == "0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't match pod topology spread constraints."
                + Self.tail)
        zones.model.updateNode("worker3", unschedulable: false)
        zones.run(for: 10)
        #expect(zones.nodes("edge").count == 4)
    }

    @Test("a spread that honours taints leaves tainted nodes out")
    func honoursTaints() {
        var zones = Zones()
        zones.deploy("edge", replicas: 4, spread("edge") { $0.honoursTaints = true })
        zones.run(for: 10)
        #expect(zones.nodes("edge") == ["worker", "worker", "worker2", "worker2"])
    }

    @Test("a spread honours node affinity, unless configured otherwise")
    func honoursAffinity() {
        var zones = Zones(cordoned: false)
        let only = [[Requirement(Zones.host, .isIn, ["worker"])]]
        zones.deploy("near", replicas: 3) {
            spread("near")(&$0)
            $0.nodeAffinity = only
        }
        zones.deploy("far", replicas: 3) {
            spread("far") { $0.honoursAffinity = false }(&$0)
            $0.nodeAffinity = only
        }
        zones.run(for: 10)
        #expect(zones.nodes("near") == ["worker", "worker", "worker"])
        #expect(zones.nodes("far") == ["worker"])
    }

    @Test("nodes without the key are left out, and say so")
    func withoutKey() {
        var zones = Zones()
        zones.deploy("edge", replicas: 1, spread("edge", "rack"))
        zones.run(for: 10)
        #expect(
            zones.message("edge").contains(
                "2 node(s) didn't match pod topology spread constraints (missing required label)"))
        #expect(zones.message("edge").hasSuffix("4 Preemption is not helpful for scheduling."))
    }

    @Test("with fewer domains than minDomains, each takes maxSkew pods")
    func minDomains() {
        var zones = Zones(cordoned: false)
        zones.deploy("edge", replicas: 6, spread("edge") { $0.minDomains = 4 })
        zones.run(for: 10)
        #expect(zones.nodes("edge") == ["worker", "worker2", "worker3"])
    }

    @Test("with matchLabelKeys, each revision is spread by itself")
    func matchLabelKeys() {
        var zones = Zones(cordoned: false)
        let byRevision: (inout SpreadConstraint) -> Void = { $0.matchLabelKeys = ["pod-template-hash"] }
        zones.deploy("edge", replicas: 3, spread("edge", Zones.host, byRevision))
        zones.run(for: 10)
        zones.deploy("edge", replicas: 3, version: "v2", spread("edge", Zones.host, byRevision))
        zones.run(for: 60)
        #expect(zones.nodes("edge") == ["worker", "worker2", "worker3"])
    }

    @Test("ScheduleAnyway is a preference")
    func scheduleAnyway() {
        var zones = Zones()
        zones.deploy("edge", replicas: 4, spread("edge") { $0.isRequired = false })
        zones.run(for: 10)
        #expect(zones.nodes("edge") == ["worker", "worker", "worker2", "worker2"])
    }

    @Test("pod affinity waits for company, and the first of a group may go anywhere")
    func affinity() {
        var zones = Zones()
        let leader = PodTerm(LabelSelector(matchLabels: ["app": "leader"]), topologyKey: Zones.host)
        let own = PodTerm(LabelSelector(matchLabels: ["app": "herd"]), topologyKey: Zones.host)
        zones.deploy("sidecar", replicas: 3) { $0.placement.affinity = [leader] }
        zones.deploy("herd", replicas: 3) { $0.placement.affinity = [own] }
        zones.run(for: 10)
        #expect(zones.nodes("sidecar").isEmpty)
        #expect(
            zones.message("sidecar")
                == "0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: 0/4 nodes are available: 4 Preemption is not helpful for scheduling."
        )
        #expect(Set(zones.nodes("herd")).count == 1)
        zones.deploy("leader", replicas: 1)
        zones.run(for: 10)
        #expect(zones.nodes("sidecar") == Array(repeating: zones.nodes("leader")[0], count: 3))
    }

    @Test("preferred affinity draws, preferred anti-affinity repels")
    func preferences() {
        var zones = Zones(cordoned: false)
        zones.deploy("leader", replicas: 1)
        zones.run(for: 10)
        let selector = LabelSelector(matchLabels: ["app": "leader"])
        zones.deploy("friend", replicas: 2) {
            $0.placement.affinity = [PodTerm(selector, topologyKey: Zones.host, weight: 10)]
        }
        zones.deploy("foe", replicas: 4) { $0.antiAffinity = [PodTerm(selector, topologyKey: Zones.host, weight: 10)] }
        zones.run(for: 10)
        let leader = zones.nodes("leader")[0]
        #expect(zones.nodes("friend") == [leader, leader])
        #expect(!zones.nodes("foe").contains(leader))
    }

    @Test("one host port takes one pod per node")
    func hostPorts() {
        var zones = Zones()
        zones.deploy("port", replicas: 5) { $0.placement.hostPorts = [HostPort(port: 8443)] }
        zones.run(for: 10)
        #expect(zones.nodes("port") == ["worker", "worker2"])
        #expect(
            zones.message("port")
                == "0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't have free ports for the requested pod ports."
                + Self.tail)
        zones.deploy("other", replicas: 2) { $0.placement.hostPorts = [HostPort(protocol: "UDP", port: 8443)] }
        zones.run(for: 10)
        #expect(zones.nodes("other").count == 2)
    }

    @Test("a pod with a node's name does not ask the scheduler; a gated one waits")
    func withoutScheduler() {
        var zones = Zones()
        zones.model.createPod(
            ObjectKey("default", "named"), template: PodTemplate(labels: ["app": "named"]), node: "worker3")
        var gated = PodTemplate(labels: ["app": "gated"])
        gated.placement.isGated = true
        zones.model.createPod(ObjectKey("default", "gated"), template: gated)
        zones.run(for: 5)
        #expect(zones.nodes("named") == ["worker3"])
        #expect(zones.message("gated") == Simulation.gated)
    }
}

@Suite("What controllers wait for")
struct WaitingTests {
    private static let key = ObjectKey("default", "web")

    @Test("minReadySeconds holds a rollout back")
    func minReady() throws {
        var zones = Zones()
        zones.deploy("web", replicas: 2, { _ in }, { $0.minReady = .seconds(30) })
        zones.run(for: 10)
        #expect(zones.status("web").status.ready == 2)
        #expect(zones.status("web").status.available == 0)
        zones.run(for: 25)
        #expect(zones.status("web").status.available == 2)
        zones.deploy(
            "web", replicas: 2, version: "v2", { _ in },
            {
                $0.minReady = .seconds(30)
                $0.strategy = .rollingUpdate(maxUnavailable: .count(0), maxSurge: .count(1))
                $0.generation = 2
            })
        zones.run(for: 20)
        #expect(zones.status("web").status.updated == 1)
        zones.run(for: 90)
        #expect(zones.status("web").status.updated == 2)
        #expect(zones.status("web").progress?.reason == .complete)
    }

    @Test("a rollout without progress for its deadline has failed, until it comes forward")
    func deadline() throws {
        var zones = Zones()
        zones.deploy(
            "web", replicas: 3,
            { $0.antiAffinity = [PodTerm(LabelSelector(matchLabels: ["app": "web"]), topologyKey: Zones.host)] },
            { $0.progressDeadline = .seconds(30) })
        zones.run(for: 20)
        #expect(zones.status("web").progress?.reason == .updated)
        zones.run(for: 20)
        #expect(zones.status("web").progress?.reason == .deadlineExceeded)
        #expect(zones.status("web").progress?.isProgressing == false)
        zones.model.updateNode("worker3", unschedulable: false)
        zones.run(for: 10)
        #expect(zones.status("web").progress?.reason == .complete)
    }

    @Test("a paused Deployment keeps its template, and follows its replicas")
    func paused() {
        var zones = Zones()
        zones.deploy("web", replicas: 2)
        zones.run(for: 10)
        zones.deploy("web", replicas: 3, version: "v2", { _ in }, { $0.isPaused = true })
        zones.run(for: 10)
        #expect(zones.pods("web").map(\.template.fingerprint) == ["v1", "v1", "v1"])
    }

    @Test("a ReplicaSet without a Deployment keeps its pods")
    func replicaSet() throws {
        var zones = Zones()
        let key = ObjectKey("default", "own")
        zones.model.put(
            ReplicaSet(
                key: key, replicas: 2, selector: LabelSelector(matchLabels: ["app": "own"]),
                template: PodTemplate(labels: ["app": "own"]), created: zones.model.now))
        zones.run(for: 10)
        #expect(zones.pods("own").count == 2)
        zones.model.deletePod(try #require(zones.pods("own").first).key)
        zones.run(for: 10)
        #expect(zones.model.replicaSets[key]?.status.ready == 2)
        zones.model.deleteReplicaSet(key)
        zones.run(for: 60)
        #expect(zones.pods("own").isEmpty)
    }

    @Test("a DaemonSet replaces pods of an older template one by one")
    func daemonSet() throws {
        var zones = Zones(cordoned: false)
        func set(_ version: String) -> DaemonSet {
            DaemonSet(
                key: ObjectKey("default", "agent"), selector: LabelSelector(matchLabels: ["app": "agent"]),
                template: PodTemplate(labels: ["app": "agent"], fingerprint: version), created: zones.model.now)
        }
        zones.model.put(set("v1"))
        zones.run(for: 10)
        #expect(zones.pods("agent").count == 3)
        zones.model.put(set("v2"))
        var least = 3
        for _ in 0..<400 {
            zones.model.advance(to: zones.model.now + .milliseconds(100))
            least = min(least, zones.pods("agent").count { $0.ready && !$0.isTerminating })
        }
        #expect(least == 2)
        #expect(zones.pods("agent").map(\.template.fingerprint) == ["v2", "v2", "v2"])
    }

    @Test("AlwaysAllow lets a pod go that is not ready; a selector that is not there covers none")
    func unhealthy() throws {
        var zones = Zones()
        zones.deploy("web", replicas: 3)
        zones.run(for: 10)
        let pod = try #require(zones.pods("web").first).key
        zones.model.reportReadiness(pod, false)
        let selector = LabelSelector(matchLabels: ["app": "web"])
        zones.model.put(Budget(key: Self.key, selector: selector, limit: .minAvailable(.count(3))))
        zones.run(for: 5)
        guard case .refused = zones.model.evict(pod) else { Issue.record("not refused"); return }
        zones.model.put(
            Budget(
                key: Self.key, selector: selector, limit: .minAvailable(.count(3)), unhealthyMayGo: true, generation: 2)
        )
        let ready = try #require(zones.pods("web").last).key
        zones.run(for: 5)
        guard case .refused = zones.model.evict(ready) else { Issue.record("a ready pod went"); return }
        #expect(zones.model.evict(pod) == .evicted)
        zones.model.put(Budget(key: Self.key, selector: .nothing, limit: .minAvailable(.count(3)), generation: 3))
        zones.run(for: 5)
        #expect(zones.model.evict(ready) == .evicted)
    }
}
