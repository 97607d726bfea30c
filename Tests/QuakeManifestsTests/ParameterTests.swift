import QuakeKube
import QuakeRecord
import Testing

@testable import QuakeManifests

@Suite("Parameters of a configuration")
struct ParameterTests {
    @Test(
        "a budget says how many may go, rounded as Kubernetes does",
        arguments: [
            ("maxUnavailable=1", 3, 1), ("maxUnavailable=0", 3, 0), ("minAvailable=2", 3, 1), ("minAvailable=3", 3, 0),
            ("minAvailable=4", 3, -1), ("maxUnavailable=25%", 3, 1), ("minAvailable=50%", 3, 1),
            ("minAvailable=100%", 3, 0),
            ("minAvailable=0", 2, 2),
        ])
    func budget(text: String, replicas: Int, spare: Int) throws {
        let limit = try #require(BudgetLimit(text))
        #expect(limit.spare(of: replicas) == spare && limit.description == text)
    }

    @Test(
        "anything else than a budget is refused",
        arguments: [
            "", "1", "maxUnavailable", "maxUnavailable=", "maxUnavailable=-1", "maxUnavailable=101%",
            "maxunavailable=1", "minAvailable=1=2", "minAvailable=x%",
        ])
    func noBudget(text: String) {
        #expect(BudgetLimit(text) == nil)
    }

    @Test("a budget that blocks every drain is refused, and one that keeps nothing is warned about")
    func budgetLimits() throws {
        let blocking = try problems(.made(.istio) { $0.budget = BudgetLimit("minAvailable=2") ?? .one })
        #expect(
            blocking == [
                "--budget minAvailable=2: of 2 replicas none may be evicted, so every drain of a gateway's node is blocked without "
                    + "end; use maxUnavailable=1, or at least 3 replicas"
            ])
        let idle = try ManifestSet(.made(.istio) { $0.budget = BudgetLimit("maxUnavailable=2") ?? .one })
        #expect(
            idle.warnings == [
                "--budget maxUnavailable=2: all 2 replicas may be evicted at once, so it protects nothing."
            ])
    }

    @Test("ages of NodePools are Karpenter's, and are written as briefly as they can be")
    func ages() {
        for (text, written) in [("720h", "720h"), ("1h30m", "90m"), ("90s", "90s"), ("Never", "Never")] {
            #expect(PoolExpiry.Age(text)?.description == written)
        }
        for text in ["", "30d", "1.5h", "0s", "-1h", "never", "500ms", "12"] {
            #expect(PoolExpiry.Age(text) == nil, "\(text)")
        }
    }

    @Test("pools without an age get different ones, a day apart")
    func staggered() {
        let pools = PoolExpiry.pools("a,b=696h,c,d=Never")
        #expect(pools?.map { "\($0.name)=\($0.age)" } == ["a=720h", "b=696h", "c=672h", "d=Never"])
        for text in ["", "a,a", "a=,b", "a=soon", "A", "a=1h=2h", "a,,b"] {
            #expect(PoolExpiry.pools(text) == nil, "\(text)")
        }
        #expect(PoolExpiry.pools((1...31).map { "p\($0)" }.joined(separator: ",")) == nil)
    }

    @Test("pools of one age are refused, and multiples are warned about")
    func poolAges() throws {
        func pools(_ text: String) -> ManifestParameters {
            .made(.istio) { $0.nodePools = PoolExpiry.pools(text) ?? [] }
        }
        #expect(try problems(pools("a=720h,b=720h,c=43200m")).count == 3)
        #expect(try problems(pools("a=720h,b=720h")).first?.contains("a and b both expire after 720h") == true)
        #expect(try ManifestSet(pools("a=720h,b=240h")).warnings.first?.contains("every 720h") == true)
        #expect(try ManifestSet(pools("a=720h,b=696h,c=Never,d=Never")).warnings.isEmpty)
    }

    @Test("replicas that the nodes have no room for are refused, with the nodes that there are")
    func room() throws {
        let words = try problems(
            .made(.istio) {
                $0.replicas = 3
                $0.cluster = cluster([nil, nil])
            })
        #expect(
            words.count == 1
                && words[0].hasPrefix("--replicas 3: west has room for 2, one in each node of the eligible nodes a, b"))
        #expect(words[0].contains("left out: node-role.kubernetes.io/control-plane"))
        let zones = try problems(
            .made(.istio) {
                $0.replicas = 3
                $0.topologyKeys = ["topology.kubernetes.io/zone"]
                $0.cluster = cluster(["x", "y", "y"])
            })
        #expect(zones.first?.contains("has room for 2, one in each zone") == true)
        let none = try problems(
            .made(.istio) {
                $0.cluster = cluster([nil])
                $0.excluded = [NodeLabel(key: "kubernetes.io/hostname", value: "a")]
            })
        #expect(none.first?.hasPrefix("west: no node is left for the gateway") == true)
        let tight = try ManifestSet(.made(.istio) { $0.cluster = cluster([nil, nil]) })
        #expect(tight.warnings.first?.contains("a gateway of a node that fails is not replaced") == true)
    }

    @Test("a topology key that eligible nodes lack is refused where it is required")
    func topologyKey() throws {
        let words = try problems(
            .made(.istio) {
                $0.topologyKeys = ["topology.kubernetes.io/zone"]
                $0.cluster = cluster(["x", "y", nil])
            })
        #expect(words.first?.contains("1 eligible node of west without this label: c") == true)
        let preferred = try ManifestSet(
            .made(.istio) {
                $0.topologyKeys.append("topology.kubernetes.io/zone")
                $0.cluster = cluster(["x", "y", nil])
            })
        #expect(preferred.warnings == ["--topology-key topology.kubernetes.io/zone: nodes without this label: c."])
    }

    @Test("a grace period that is not above the renewal of leases is refused, and a brief one is warned about")
    func gracePeriod() throws {
        func grace(_ time: Duration, renewal: Duration? = nil) -> ManifestParameters {
            .made(.solo) {
                $0.peering = .nodePort
                $0.gracePeriod = time
                if let renewal {
                    $0.cluster = cluster([nil, nil, nil])
                    $0.cluster?.leaseRenewal = renewal
                }
            }
        }
        #expect(try problems(grace(.seconds(10))).first?.hasPrefix("--grace-period 10s: kubelets renew") == true)
        #expect(try ManifestSet(grace(.seconds(16))).warnings.count == 1)
        #expect(try ManifestSet(grace(.seconds(40))).warnings.isEmpty)
        #expect(try ManifestSet(grace(.seconds(4), renewal: .milliseconds(250))).warnings.isEmpty)
        let reasons = try ManifestSet(grace(.seconds(50))).block("kind-cluster.yaml").reasons
        #expect(reasons.first?.contains("NotReady 40 s to 55.5 s later") == true)
    }

    @Test("a label of nodes is a key, or a key and its value")
    func labels() {
        #expect(NodeLabel("a.b/c=d")?.description == "a.b/c=d" && NodeLabel("role")?.value == nil)
        #expect(NodeLabel("role=")?.value?.isEmpty == true)
        for text in ["", "=", "a b", "/x", "x/", "a/b/c", "A_/x", "x=a b", "-x", String(repeating: "x", count: 64)] {
            #expect(NodeLabel(text) == nil, "\(text)")
        }
        #expect(NodeLabel(key: "a", value: "1").isOn(["a": "1"]) && !NodeLabel(key: "a", value: "1").isOn(["a": "2"]))
        #expect(NodeLabel(key: "a").isOn(["a": ""]) && !NodeLabel(key: "a").isOn([:]))
    }
}
