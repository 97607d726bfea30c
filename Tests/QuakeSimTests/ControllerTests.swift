import QuakeBase
import QuakeSim
import Testing

@Suite("The model's controllers")
struct ControllerTests {
    @Test(
        "give a dead node up within the window that its periods leave",
        arguments: [(16, 10.0, 25.5), (40, 30.0, 45.5), (50, 40.0, 55.5)])
    func detection(grace: Int, earliest: Double, latest: Double) {
        for seed in 0..<60 as Range<UInt64> {
            var cluster = SimulatedCluster(timings: Timings(gracePeriod: .seconds(grace)), seed: seed)
            let node = cluster.victim.node
            // Any moment of the lease's rhythm.
            cluster.run(for: .milliseconds(Int(seed) * 331))
            let kill = cluster.model.now
            cluster.model.act(on: node, .turnOff)
            cluster.run(for: .seconds(70))
            let changed = cluster.model.nodes[node]?.transition ?? .start
            let seconds = (changed - kill).inSeconds
            #expect((earliest...latest).contains(seconds), "\(seconds) s at seed \(seed)")
        }
    }

    @Test("never notice a blip shorter than the safe bound")
    func safeBlips() {
        for seed in 0..<60 as Range<UInt64> {
            // ⌈40 / 5⌉ · 5 − 20 s.
            var cluster = SimulatedCluster(timings: Timings(gracePeriod: .seconds(40)), seed: seed)
            let node = cluster.victim.node
            cluster.run(for: .milliseconds(Int(seed) * 331))
            cluster.model.act(on: node, .disconnect)
            cluster.run(for: .seconds(20))
            cluster.model.act(on: node, .connect)
            cluster.run(for: .seconds(80))
            #expect(cluster.model.nodes[node]?.readiness == .ready)
            #expect(
                !cluster.log.contains {
                    if case .node(let node) = $0.change { node.readiness != .ready } else { false }
                })
        }
    }

    @Test("cost nothing while nothing changes")
    func quiet() {
        var cluster = SimulatedCluster()
        cluster.run(for: .seconds(3600))
        #expect(cluster.model.nextEvent == nil)
        cluster.log = []
        cluster.run(for: .seconds(3 * 86_400))
        #expect(cluster.log.isEmpty)
    }

    @Test("are the same for the same seed")
    func deterministic() {
        func trace(_ seed: UInt64) -> [Change] {
            var cluster = SimulatedCluster(seed: seed)
            cluster.model.act(on: cluster.victim.node, .turnOff)
            cluster.run(for: .seconds(200))
            return cluster.log.map(\.change)
        }
        #expect(trace(7) == trace(7))
        #expect(trace(7) != trace(8))
    }

    @Test("keep gateways apart, and say why a pod has to wait")
    func antiAffinity() throws {
        var cluster = SimulatedCluster()
        var deployment = try #require(cluster.model.deployments[SimulatedCluster.deployment])
        deployment.replicas = 4
        deployment.generation += 1
        cluster.model.put(deployment)
        cluster.run(for: .seconds(10))
        let placed = cluster.model.pods.values.compactMap(\.node)
        #expect(Set(placed).count == 3)
        #expect(placed.count == 3)
        let waiting = try #require(cluster.model.pods.values.first { $0.node == nil })
        let reason = try #require(waiting.unschedulableReason)
        #expect(
            reason
                == "0/4 nodes are available: 1 node(s) had untolerated taint(s), 3 node(s) didn't match pod anti-affinity rules. no new claims to deallocate, preemption: 0/4 nodes are available: 1 Preemption is not helpful for scheduling, 3 No preemption victims found for incoming pod."
        )
    }

    @Test("never go below or above what a rolling update allows", arguments: 0..<20)
    func rollingUpdate(seed: UInt64) throws {
        var cluster = SimulatedCluster(seed: seed)
        var deployment = try #require(cluster.model.deployments[SimulatedCluster.deployment])
        deployment.replicas = 3
        deployment.template.antiAffinity = []
        deployment.template.fingerprint = "v2"
        deployment.strategy = .rollingUpdate(maxUnavailable: .count(1), maxSurge: .count(1))
        deployment.generation += 1
        cluster.model.put(deployment)
        for _ in 0..<4000 {
            guard let next = cluster.model.nextEvent else { break }
            cluster.model.advance(to: next)
            let active = cluster.model.pods.values.filter(\.isActive)
            #expect(active.count <= 4)
        }
        let status = try #require(cluster.model.deployments[SimulatedCluster.deployment]?.status)
        #expect(status.updated == 3)
        #expect(status.available == 3)
        #expect(cluster.model.pods.values.allSatisfy { $0.template.fingerprint == "v2" })
    }

    @Test("let evictions pass as long as the budget does")
    func budgets() {
        var cluster = SimulatedCluster()
        let pods = cluster.model.pods.keys.sorted()
        let key = ObjectKey("gw-system", "gw")
        let selector = LabelSelector(matchLabels: ["app": "gw"])
        cluster.model.put(Budget(key: key, selector: selector, limit: .minAvailable(.count(2))))
        #expect(cluster.model.evict(pods[0]) == .budgetNotObserved(budget: "gw"))
        cluster.run(for: .seconds(1))
        guard case .refused(let budget, let status) = cluster.model.evict(pods[0]) else {
            Issue.record("the eviction was not refused")
            return
        }
        #expect(budget == "gw")
        #expect((status.desiredHealthy, status.currentHealthy) == (2, 2))
        cluster.model.put(Budget(key: key, selector: selector, limit: .minAvailable(.count(1)), generation: 2))
        cluster.run(for: .seconds(1))
        #expect(cluster.model.evict(pods[0]) == .evicted)
        guard case .refused = cluster.model.evict(pods[1]) else {
            Issue.record("two at once were let go")
            return
        }
        // Evicting a terminating pod again changes nothing.
        #expect(cluster.model.evict(pods[0]) == .evicted)
        #expect(cluster.model.evict(ObjectKey("gw-system", "absent")) == .notFound)
        cluster.run(for: .seconds(20))
        #expect(cluster.model.evict(pods[1]) == .evicted)
    }

    @Test("stop without a controller manager, and catch up under a new one")
    func managerRestart() {
        var cluster = SimulatedCluster(timings: Timings(gracePeriod: .seconds(16)))
        let node = cluster.victim.node
        cluster.model.restartControllerManager(gracePeriod: .seconds(40))
        cluster.model.act(on: node, .turnOff)
        cluster.run(for: .seconds(29))
        #expect(!cluster.model.managerLeads)
        #expect(cluster.model.nodes[node]?.readiness == .ready)
        cluster.run(for: .seconds(2))
        #expect(cluster.model.managerLeads)
        // It has no memory of renewals: the grace period begins anew.
        cluster.run(for: .seconds(37))
        #expect(cluster.model.nodes[node]?.readiness == .ready)
        cluster.run(for: .seconds(5))
        #expect(cluster.model.nodes[node]?.readiness == .unknown)
    }

    @Test(
        "give healthy nodes up where the grace period is below the renewal of leases, until their next renewal",
        arguments: [(5, 0.5), (6, 0), (10, 0), (16, 0)])
    func flapping(grace: Int, share: Double) {
        // Leases are renewed every 10 s and looked at every 5 s.
        var cluster = SimulatedCluster(timings: Timings(gracePeriod: .seconds(grace)))
        let (node, _) = cluster.victim
        cluster.run(for: .seconds(400))
        var away: Duration = .zero
        var since: SimInstant?
        for (at, change) in cluster.log {
            guard case .node(let changed) = change, changed.name == node else { continue }
            if changed.readiness != .ready, since == nil { since = at }
            if changed.readiness == .ready, let began = since {
                away += at - began
                since = nil
            }
        }
        // Seen at a pass, given up at the next one, Ready with a renewal that comes within 5 s of it.
        #expect(away / .seconds(400) <= share)
        #expect((away > .zero) == (share > 0))
        // Nothing is evicted: no taint stays for as long as it is tolerated.
        #expect(cluster.model.pods.values.allSatisfy { !$0.isTerminating })
    }

    @Test("stop giving healthy nodes up once the grace period is longer again")
    func flappingEnds() {
        var cluster = SimulatedCluster(timings: Timings(gracePeriod: .seconds(5)))
        cluster.model.restartControllerManager(gracePeriod: .seconds(40))
        cluster.run(for: .seconds(60))
        cluster.log = []
        cluster.run(for: .seconds(200))
        #expect(cluster.model.nodes.values.allSatisfy { $0.readiness == .ready })
        #expect(
            !cluster.log.contains {
                if case .node(let node) = $0.change { node.readiness != .ready } else { false }
            })
    }

    @Test("evict at the rate that a zone's state allows")
    func evictionRate() {
        var model = Simulation(timings: Timings(gracePeriod: .seconds(16)), seed: 3)
        for index in 0..<10 {
            model.addNode("n\(index)", labels: ["topology.kubernetes.io/zone": index < 5 ? "a" : "b"])
        }
        model.advance(to: .start + .seconds(30))
        for index in 0..<2 { model.act(on: "n\(index)", .turnOff) }
        model.advance(to: .start + .seconds(120))
        let times = (0..<2).compactMap { index in
            model.nodes["n\(index)"]?.taints.first { $0.effect == .noExecute }?.added
        }.sorted()
        #expect(times.count == 2)
        #expect((times[1] - times[0]) >= .seconds(9))
        // Three of five: at least 55 % and more than two, in a zone of up to 50 nodes: none at all.
        model.act(on: "n2", .turnOff)
        model.advance(to: .start + .seconds(400))
        #expect(model.nodes["n2"]?.readiness == .unknown)
        #expect(model.nodes["n2"]?.taints.contains { $0.effect == .noExecute } == false)
    }

    @Test("run hundreds of nodes for virtual days")
    func scale() {
        var model = Simulation(timings: Timings(), seed: 1)
        for index in 0..<300 { model.addNode("n\(index)", labels: ["kubernetes.io/hostname": "n\(index)"]) }
        model.advance(to: .start + .seconds(3 * 86_400))
        #expect(model.nodes.values.allSatisfy { $0.readiness == .ready })
        #expect(model.nextEvent == nil)
    }
}
