import QuakeBase
import QuakeKube
import QuakePlan
import Testing

@testable import QuakeCluster

/// What is read of clusters for a plan's formulas.
struct FactReaderTests {
    @Test(arguments: [
        ([:], "v1.31.4", 40), ([:], "v1.32.0", 50), ([:], "v1.33.1+k3s1", 50), ([:], "v2.0.0", 50), ([:], "", 40),
        (["node-monitor-grace-period": "16s"], "v1.31.0", 16), (["node-monitor-grace-period": "1m40s"], "v1.36.0", 100),
    ])
    func theGracePeriodIsTheFlagElseTheVersionsDefault(flags: [String: String], version: String, seconds: Int64) {
        #expect(NodeMonitoring.gracePeriod(flags, version: version) == .seconds(seconds))
    }

    @Test func theMonitorPeriodIsFiveSecondsWithoutItsFlag() {
        #expect(NodeMonitoring.monitorPeriod([:]) == .seconds(5))
        #expect(NodeMonitoring.monitorPeriod(["node-monitor-period": "1s"]) == .seconds(1))
    }

    @Test func flagsAreReadOutOfAControllerManagersPod() {
        let pod: JSONValue = [
            "spec": [
                "containers": [
                    [
                        "command": ["kube-controller-manager", "--node-monitor-period=2s", "--leader-elect"],
                        "args": ["--node-monitor-grace-period=20s"],
                    ]
                ]
            ]
        ]
        #expect(
            NodeMonitoring.flags(of: pod) == ["node-monitor-period": "2s", "node-monitor-grace-period": "20s"])
    }

    private static func plan(_ more: String) throws -> Plan {
        try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: t
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps:
              - {id: kill, kill-node: {cluster: west, nodes: {role: worker, count: 1}, how: pause}, hold: 10s}
            \(more)
            """, path: "t.yaml")
    }

    @Test func theSettingOfACellIsItsGracePeriod() async throws {
        let plan = try Self.plan(
            "matrix: {nodeMonitorGracePeriod: [16s, 40s]}\nexpect: [{recovery: \"<= ${gracePeriod}\"}]")
        let facts = await FactReader([:], mesh: MeshFacts()).facts(for: plan)
        #expect(facts.map { $0[.gracePeriod] } == [.seconds(16), .seconds(40)])
    }

    @Test func whatAMeshDoesNotSayIsUnknownWithItsReason() async throws {
        let plan = try Self.plan("expect: [{recovery: \"<= ${healthCheckOut} + ${tunnelGiveUp}\"}]")
        let facts = await FactReader([:], mesh: MeshFacts(words: [.mesh: "istio"])).facts(for: plan)
        #expect(facts[0][.healthCheckOut] == nil)
        #expect(facts[0].reason(.healthCheckOut) == "there is no cluster west")
        #expect(facts[0].reason(.tunnelGiveUp) == "there is no cluster east")
        #expect(facts[0][.mesh] == "istio")
    }

    @Test func aPlanWithoutFormulasAsksForNothing() async throws {
        #expect(try Self.plan("").neededFacts == [])
        let facts = await FactReader([:], mesh: MeshFacts(words: [.tunnels: "single"])).facts(for: try Self.plan(""))
        #expect(facts.map { $0.known.map(\.text) } == [["single"]])
    }

    // MARK: - Targets

    @Test func theNodeThatCarriesATrafficIsChosen() throws {
        let nodes = ["a", "b"].map { name -> JSONValue in ["metadata": ["name": .string(name), "uid": .string(name)]] }
        var generator = SeededGenerator(seed: 1)
        func names(_ selector: NodeSelector, _ carrier: String) throws -> [String] {
            try TargetResolver.resolve(selector, nodes: nodes, hosts: { _ in [] }, carrier: carrier, using: &generator)
                .map(\.name)
        }
        #expect(try names(NodeSelector(carrying: "echo"), "b") == ["b"])
        #expect { try names(NodeSelector(carrying: "echo", exclude: ["b"]), "b") } throws: {
            "\($0)".contains("b carries echo, and does not match the selector")
        }
    }

    @Test func theNodesThatClientsDialAreChosenOrLeftOut() throws {
        let nodes = ["a", "b", "c"].map { name -> JSONValue in
            ["metadata": ["name": .string(name), "uid": .string(name)]]
        }
        var generator = SeededGenerator(seed: 1)
        func names(_ selector: NodeSelector, _ dialled: Set<String>) throws -> [String] {
            try TargetResolver.resolve(
                selector, nodes: nodes, hosts: { _ in ["a", "b"] }, dialled: dialled, using: &generator
            ).map(\.name)
        }
        #expect(try names(NodeSelector(dialled: true), ["b", "c"]) == ["b", "c"])
        #expect(try names(NodeSelector(hosting: .gateway, dialled: true), ["b", "c"]) == ["b"])
        #expect(try names(NodeSelector(hosting: .gateway, dialled: false), ["b"]) == ["a"])
        #expect { try names(NodeSelector(dialled: true), ["172.23.0.11"]) } throws: {
            "\($0)".contains("no node that clients dial matches the selector; they dial 172.23.0.11")
        }
        #expect { try names(NodeSelector(names: ["a"], dialled: false), ["a"]) } throws: {
            "\($0)".contains("no node that clients do not dial matches the selector; they dial a")
        }
    }
}
