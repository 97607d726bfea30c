import QuakeAudit
import QuakeKube
import QuakeManifests
import QuakeMeshAgent
import QuakePlan
import QuakeRecord
import Testing

/// The audit of pairs to which `peerquake manifests --for` was applied, part by part, as printed.
@Suite("After peerquake manifests the audit")
struct ManifestedTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        var mesh: String
        var method: PeeringMethod

        static let all = AuditMesh.allCases.flatMap { mesh in
            PeeringMethod.allCases.map { Pair(mesh: mesh.rawValue, method: $0) }
        }

        var testDescription: String { "\(mesh), \(method.rawValue)" }

        /// A pair that keeps to every practice.
        func world() throws -> World {
            var world = try World(mesh)
            guard method == .loadBalancer else { return world }
            for (cluster, peer) in [("east", "2"), ("west", "1")] {
                switch mesh {
                case "standin":
                    world.edit(.services, "peerquake-balancer-\(cluster == "east" ? "west" : "east")", in: cluster) {
                        $0.set("loadbalancer", at: "metadata", "annotations", "peerquake.dev/data-plane-service-type")
                    }
                case "istio":
                    world.balance(cluster, to: "192.0.2.\(peer)")
                    world.edit(.gateways, "istio-eastwest", in: cluster) {
                        $0.set(.string("net-\(cluster)"), at: "metadata", "labels", "topology.istio.io/network")
                    }
                default:
                    world.edit(.gateways, in: cluster) { gateway in
                        for key in ["data-plane-service-type", "preferred-data-plane-service-type"] {
                            gateway.set(nil, at: "metadata", "annotations", "peering.solo.io/\(key)")
                        }
                    }
                }
            }
            return world
        }

        /// What is printed for each of both clusters is applied.
        func manifested(_ world: World, chart: String = "1.29.0", grace: Duration = .seconds(50)) throws -> World {
            var world = world
            for cluster in ["east", "west"] {
                try world.applyManifests(in: cluster, chart: chart) {
                    $0.peering = method
                    if method == .nodePort { $0.gracePeriod = grace }
                }
            }
            return world
        }
    }

    /// Rules with a finding that no configuration of peering mends, and why; with a mesh's name, or a mesh's and a method's,
    /// those that are mended with the others. Every other rule must fall silent.
    static let left: [String: String] = [
        "gateway-missing": "the mesh is to be installed",
        "gateway-not-programmed": "a state, whose reason the condition tells",
        "gateway-no-ready-endpoint": "a state of pods, or a Service that is to be installed",
        "gateway-pods-on-one-node": "a state of pods, which a rollout changes and an unchanged template does not",
        "gateway-pods-share-node": "a state of pods, as before",
        "gateway-on-cordoned-node": "a state of a node",
        "gateway-no-eligible-node, standin": "the stand-in's patch keeps a nodeSelector that a user set",
        "budget-overlap": "of two budgets a user must choose one",
        "budget-used-up": "a state of pods",
        "gateway-single-replica, istio": "an autoscaler that no ConfigMap names is deleted by hand",
        "gateway-object-orphaned, solo": "an autoscaler that no ConfigMap names is deleted by hand",
        "nodeclaims-expire-together": "a NodeClaim keeps the age that it was made with",
        "nodepool-grace-overrides-budget": "it is kept, with a warning: it bounds how long a drain may hang",
        "nodepool-v1beta1-fields": "Karpenter's own conversion comes first; a warning says so",
        "cluster-label-missing": "the mesh's name of the cluster is known to its installation alone",
        "network-label-missing": "as before, of the network",
        "gateway-address-missing": "a load balancer's to give",
        "gateway-node-no-internal-ip": "the nodes' own",
        "gateway-node-unreachable": "the network's",
        "flat-network": "the networks' names are the installation's",
        "peer-gateway-incomplete": "the name of the peer is known to its own cluster alone",
        "solo-nodeport-missing": "the mesh's version",
        "solo-nodeport-beta": "the mesh's version",
        "solo-annotation-case, solo, LoadBalancer": "via LoadBalancer no annotation is printed, and none is removed",
        "solo-peer-conditions": "a state, whose reason the condition tells",
        "istio-remote-several-addresses": "open-source Istio has no NodePort peering that could be configured",
        "istio-remote-stale-address": "as before",
        "istio-remote-wrong-port": "as before",
        "istio-network-label-left": "as before",
        "istiod-with-gateway": "a state of pods, which a rollout changes and an unchanged template does not",
        "defaults-unknown-key": "refused: istiod would refuse the ConfigMap that is kept",
        "defaults-invalid-patch, solo": "what the ConfigMap has besides is kept as it is",
        "defaults-no-such-class": "the ConfigMap of another class is another user's",
        "defaults-several": "of several ConfigMaps a user must choose one",
    ]

    @Test("finds nothing in a pair that kept to every practice before", arguments: Pair.all)
    func silent(pair: Pair) throws {
        for chart in ["1.27.9", "1.28.0", "1.29.0", "1.30.3"] {
            let once = try pair.manifested(try pair.world(), chart: chart)
            let report = try once.report()
            #expect(Self.words(report) == [], "\(chart)")
            #expect(report.gaps == [] && once.misses == 0)
            // A second time changes nothing.
            #expect(try pair.manifested(once, chart: chart).snapshot == once.snapshot)
        }
    }

    @Test("and the configuration know the keys that istiod knows")
    func keys() {
        let known = Set(GatewayBuild.Part.allCases.map(\.rawValue))
        #expect(Set(GatewayDefaults.keys) == known && ManifestCluster.Defaults.keys == known)
    }

    @Test("calls a grace period that is chosen what it is, and nothing else")
    func grace() throws {
        for pair in Pair.all where pair.method == .nodePort {
            let report = try pair.manifested(try pair.world(), grace: .seconds(20)).report()
            #expect(Set(report.findings.map(\.rule.id)) == ["node-grace-period-changed"])
        }
    }

    /// Each way to break a practice, on the pair as it is found and on one that was configured before.
    @Test("finds nothing of what was broken, but for what no configuration mends", .timeLimit(.minutes(5)))
    func mends() throws {
        var (fired, remaining): (Set<String>, Set<String>) = ([], [])
        for pair in Pair.all {
            let good = try pair.world()
            for start in [good, try pair.manifested(good)] {
                for item in RuleCase.all where item.mesh == pair.mesh {
                    var broken = start
                    item.change(&broken)
                    guard broken.misses == 0, item.isShown(by: try broken.report().findings) else { continue }
                    fired.insert(item.rule)
                    let after = try Self.findings(pair, broken)
                    let entry = Self.entry(of: item, pair)
                    if !after.isEmpty { remaining.insert(entry ?? item.rule) }
                    #expect(
                        after.isEmpty || entry != nil,
                        "\(pair.testDescription): \(item.testDescription): \(after)")
                }
            }
        }
        // A new rule must be in the cases, and here where it is not mended.
        #expect(fired == Set(RuleRegistry.standard.declarations.map(\.id)))
        #expect(remaining == Set(Self.left.keys))
    }

    @Test("finds nothing in a pair that breaks at once what can be mended", arguments: Pair.all)
    func together(pair: Pair) throws {
        var world = try pair.world()
        var broken: [RuleCase] = []
        for item in RuleCase.all where item.mesh == pair.mesh && Self.entry(of: item, pair) == nil {
            var next = world
            item.change(&next)
            let findings = try next.report().findings
            guard next.misses == 0, (broken + [item]).allSatisfy({ $0.isShown(by: findings) }) else { continue }
            world = next
            broken.append(item)
        }
        // Of this pair's cases none is mended by a configuration and shown beside another one.
        let isBare = pair.testDescription == "solo, LoadBalancer"
        #expect(broken.count >= (isBare ? 0 : 2), "\(broken.map(\.rule))")
        #expect(try Self.findings(pair, world) == [])
    }

    private static func entry(of item: RuleCase, _ pair: Pair) -> String? {
        [item.rule, "\(item.rule), \(item.mesh)", "\(item.rule), \(pair.testDescription)"].first { left[$0] != nil }
    }

    /// What is found after the configuration, or why there is none.
    private static func findings(_ pair: Pair, _ world: World) throws -> [String] {
        do {
            return words(try pair.manifested(world).report())
        } catch let error as ManifestError {
            return error.problems
        } catch let error as PrintedConfiguration.Unreadable {
            return ["kubectl does not find \(error.line)"]
        }
    }

    private static func words(_ report: AuditReport) -> [String] {
        report.findings.map { "\($0.cluster): \($0.rule.id): \($0.message)" }
    }
}
