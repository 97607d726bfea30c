import Foundation
import QuakeKube
import QuakeRecord
import Testing

@testable import QuakeAudit

/// Each rule on a pair that keeps to every practice, on one that breaks its own, and on one whose objects are hidden.
@Suite("Rules of the audit")
struct RuleTests {
    private static let meshes = AuditMesh.allCases.map(\.rawValue)

    @Test("are each broken by a case")
    func complete() {
        #expect(Set(RuleCase.all.map(\.rule)) == Set(RuleRegistry.standard.declarations.map(\.id)))
    }

    @Test("fire with the evidence", arguments: RuleCase.all)
    func fire(_ item: RuleCase) throws {
        var world = try World(item.mesh)
        item.change(&world)
        #expect(world.misses == 0)
        let found = try world.report().findings.filter { $0.rule.id == item.rule }
        #expect(item.isShown(by: found), "\(found.flatMap(\.evidence))")
        #expect(found.allSatisfy { !$0.evidence.isEmpty && !$0.message.hasSuffix(".") })
    }

    /// Each pair breaks as many practices as can be broken at once.
    @Test("fire together in pairs that are bad on purpose, each with its evidence", .timeLimit(.minutes(2)))
    func together() throws {
        for mesh in Self.meshes {
            var rest = RuleCase.all.filter { $0.mesh == mesh }
            var pairs = 0
            while !rest.isEmpty {
                pairs += 1
                var world = try World(mesh)
                var broken: [RuleCase] = []
                for item in rest {
                    var next = world
                    item.change(&next)
                    let findings = try next.report().findings
                    guard next.misses == 0, (broken + [item]).allSatisfy({ $0.isShown(by: findings) }) else { continue }
                    world = next
                    broken.append(item)
                }
                try #require(!broken.isEmpty, "\(rest)")
                rest.removeAll { item in broken.contains { $0.testDescription == item.testDescription } }
            }
            #expect(pairs <= 5, "\(mesh)")
        }
    }

    @Test("find nothing in a pair that keeps to every practice", arguments: meshes)
    func silent(mesh: String) throws {
        let report = try World(mesh).report()
        #expect(report.findings.map { "\($0.cluster): \($0.rule.id): \($0.message)" } == [])
        #expect(report.gaps == [])
        #expect(report.exitCode == 0)
    }

    @Test("each pass somewhere, so that their silence means something")
    func checked() throws {
        var passed: Set<String> = []
        for mesh in Self.meshes {
            passed.formUnion(
                try World(mesh).report().checks.filter { $0.outcome == .passed }.map(\.rule.id))
        }
        #expect(Set(RuleRegistry.standard.declarations.map(\.id)).subtracting(passed) == [])
    }

    @Test("are not checked, and never pass, where they cannot read what they need", arguments: RuleCase.all)
    func hidden(_ item: RuleCase) throws {
        var world = try World(item.mesh)
        item.change(&world)
        world.hide(item.needs, in: item.cluster)
        let report = try world.report()
        let check = report.checks.first { $0.rule.id == item.rule && $0.cluster == item.cluster }
        let reason = "\(item.needs.rawValue) are not readable: forbidden"
        #expect(check?.outcome == .notChecked(reason))
    }

    @Test("are not checked where nothing was dialled")
    func unreached() throws {
        var world = try World("standin")
        for index in world.snapshot.clusters.indices { world.snapshot.clusters[index].reach = nil }
        let report = try world.report()
        #expect(report.gaps.map(\.rule.id) == ["gateway-node-unreachable", "gateway-node-unreachable"])
        #expect(report.exitCode == 0)
    }

    @Test("about a peer are not checked where it is not part of the audit")
    func absentPeer() throws {
        for (mesh, rule) in [("istio", "istio-remote-wrong-port"), ("solo", "solo-annotation-one-sided")] {
            var world = try World(mesh)
            world.snapshot.clusters.removeAll { $0.name == "west" }
            let check = try world.report().checks.first { $0.rule.id == rule }
            let name = mesh == "istio" ? "net-west" : "west"
            #expect(check?.outcome == .notChecked("cluster \(name) is not part of the audit"))
        }
    }

    @Test("about NodePort do not apply to a pair that peers via LoadBalancer")
    func loadBalancer() throws {
        var world = try World("standin")
        for cluster in ["east", "west"] {
            world.edit(.services, in: cluster) {
                $0["metadata"]?["annotations"]?["peerquake.dev/data-plane-service-type"] = "loadbalancer"
            }
            world.remove(.pods, "istiod-2", in: cluster)
        }
        let report = try world.report()
        #expect(report.findings == [])
        let reasons = report.checks.filter { $0.rule.methods == [.nodePort] && $0.rule.meshes.contains(.standin) }
            .map(\.outcome)
        #expect(!reasons.isEmpty)
        #expect(reasons.allSatisfy { $0 == .notApplicable("no audited cluster reaches it via NodePort") })
    }

    // MARK: - What is no finding

    /// As the page's example has it: charts from 1.24 on merge it over the rest, and earlier ones read nothing else.
    @Test("accept pilot.affinity, and affinity that says the same or something else besides")
    func pilotAffinity() throws {
        let rule = #"{"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": ["a"]}}"#
        for values in [
            #"{"pilot": {"affinity": \#(rule)}}"#, #"{"affinity": \#(rule), "pilot": {"affinity": \#(rule)}}"#,
            #"{"affinity": {"nodeAffinity": {}}, "pilot": {"affinity": \#(rule)}}"#,
            #"{"affinity": \#(rule), "pilot": {"affinity": {}}}"#, #"{"affinity": null}"#,
        ] {
            var world = try World("istio")
            world.edit(.configmaps, "values") { $0["data"]?["original-values"] = .string(values) }
            #expect(try world.report().findings == [], "\(values)")
        }
    }

    @Test("about the values of istiod's chart are not checked where these are not there, or another revision's are")
    func noValues() throws {
        for name in [nil, "values-canary"] {
            var world = try World("istio")
            if let name {
                world.edit(.configmaps, "values") { $0.set(.string(name), at: "metadata", "name") }
            } else {
                world.remove(.configmaps, "values")
            }
            let report = try world.report()
            #expect(report.gaps.map { "\($0.cluster) \($0.rule.id)" } == ["west istiod-affinity-ignored"])
            #expect(report.findings == [] && report.exitCode == 0)
        }
    }

    @Test("accept preferred anti-affinity with more replicas than nodes")
    func preferred() throws {
        var world = try World("standin")
        world.edit(.deployments, "istiod") { $0.set(9, at: "spec", "replicas") }
        let ids = try world.report().findings.map(\.rule.id)
        #expect(!ids.contains("istiod-too-few-nodes"))
    }

    @Test("count a DoNotSchedule spread by hostname as a limit, and room for a surge where a pod may go first")
    func spread() throws {
        var world = try World("standin")
        world.pod(of: "istio-eastwest") { spec in
            spec["affinity"]?["podAntiAffinity"] = nil
            spec["topologySpreadConstraints"]?[0]?["whenUnsatisfiable"] = "DoNotSchedule"
            spec["topologySpreadConstraints"]?[0]?["topologyKey"] = "kubernetes.io/hostname"
        }
        world.edit(.deployments, "istio-eastwest") {
            $0.set(3, at: "spec", "replicas")
            $0.set(["rollingUpdate": ["maxUnavailable": 1]], at: "spec", "strategy")
        }
        #expect(try world.report().findings.map(\.rule.id) == ["gateway-no-zone-spread"])
        world.edit(.deployments, "istio-eastwest") { $0.set(4, at: "spec", "replicas") }
        #expect(try world.report().findings.map(\.rule.id).contains("gateway-too-few-nodes"))
    }

    @Test("take the autoscaler's minimum for the replicas")
    func autoscaled() throws {
        var world = try World("istio")
        world.add(.autoscalers, World.autoscaler(2))
        world.edit(.configmaps, "eastwest-defaults") { $0["data"]?["horizontalPodAutoscaler"] = "spec: {}" }
        world.edit(.deployments, "istio-eastwest") { $0.set(1, at: "spec", "replicas") }
        #expect(try world.report().findings == [])
    }

    @Test("leave claims alone whose ages differ, though their pools agree")
    func ages() throws {
        var world = try World("standin")
        world.edit(.nodepools) { $0.set("696h", at: "spec", "template", "spec", "expireAfter") }
        let ids = try world.report().findings.map(\.rule.id)
        #expect(ids == ["nodepool-equal-expiry"])
    }

    // MARK: - Figures

    @Test("take figures from the formula that check-loss measures, for single tunnels alone")
    func cost() throws {
        var world = try World("standin")
        world.edit(.services, "istio-eastwest") { $0.set("Cluster", at: "spec", "externalTrafficPolicy") }
        let cost = try world.report().findings.first?.cost
        #expect(
            cost == "a kill of one of these 2 nodes costs 3/4 of new connections from east until it is NotReady "
                + "(stand-in, tunnels single, NodePort, externalTrafficPolicy Cluster); a kill of one of these 2 nodes "
                + "costs 1/2 of new connections from east until it is NotReady (stand-in, tunnels single, NodePort, "
                + "externalTrafficPolicy Local)")
        world.edit(.services, in: "east") {
            $0["metadata"]?["annotations"]?["peerquake.dev/tunnels"] = "shared"
        }
        #expect(try world.report().findings.first?.cost == nil)
    }

    @Test("have no figure for other meshes")
    func noCost() throws {
        var world = try World("istio")
        world.edit(.deployments, "istio-eastwest") { $0.set(1, at: "spec", "replicas") }
        let found = try world.report().findings.filter { $0.rule.id == "gateway-single-replica" }
        #expect(found.count == 1 && found[0].cost == nil)
    }
}
