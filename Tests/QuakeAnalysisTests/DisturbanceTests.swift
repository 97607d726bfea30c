import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("What others did to nodes in a trial")
struct DisturbanceTests {
    private static let plan = """
        kind: Plan
        apiVersion: peerquake.dev/v1
        name: made
        clusters: [east, west]
        traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
        hypothesis: {baseline: 1s}
        settle: 1s
        steps:
          - id: cordon
            cordon: {cluster: west, nodes: {names: [w1]}}
          - id: uncordon
            uncordon: {step: cordon}
          - id: drain
            drain: {cluster: west, nodes: {names: [w1]}}
          - id: kill
            kill-node: {cluster: west, nodes: {names: [w1]}, how: power-off}
          - id: start
            start-node: {step: kill}
          - id: upgrade
            upgrade-nodes: {cluster: west, nodes: {names: [w1]}}
          - id: expire
            expire-nodepools: {cluster: west, nodePools: [a]}
          - id: flags
            set-node-monitor-grace-period: {cluster: west, to: 16s}
        always: [restore-all]
        """

    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private static func event(_ seconds: Double, _ what: Event.What) -> Event {
        Event(at: at(seconds), trial: 0, what)
    }

    /// A step of w1 from the tenth second to the twentieth, and what was seen meanwhile.
    private static func find(
        during step: String?, action: String = "", _ seen: [Event], node: String = "w1"
    ) throws -> [Disturbance] {
        var events = [event(0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:]))] + seen
        if let step {
            events += [
                event(10, .stepStarted(step: step, action: action)),
                event(10.1, .targetsResolved(step: step, cluster: "west", targets: [node])),
                event(20, .stepFinished(step: step, outcome: .finished, detail: "")),
            ]
        }
        let cell = try #require(try Plan.parse(plan, path: "made.yaml").cells.first)
        return DisturbanceFinder(events.sorted { $0.at < $1.at }, cell: cell).disturbances()
    }

    private static func unschedulable(_ flag: Bool) -> Event.What {
        .nodeUnschedulable(cluster: "west", node: "w1", flag)
    }
    private static let gone = Event.What.nodeGone(cluster: "west", node: "w1")
    private static func taints(added: [String] = [], removed: [String] = []) -> Event.What {
        .nodeTaints(cluster: "west", node: "w1", added: added, removed: removed)
    }
    private static let disrupted = "karpenter.sh/disrupted:NoSchedule"

    @Test(
        "is not what a step does to its own nodes, and shows within the watch's lag",
        arguments: [
            ("cordon", [unschedulable(true)]), ("uncordon", [unschedulable(false)]), ("drain", [unschedulable(true)]),
            ("upgrade", [unschedulable(true), unschedulable(false)]), ("expire", [taints(added: [disrupted]), gone]),
        ])
    func own(step: String, seen: [Event.What]) throws {
        for moment in [10.5, 19, 21] {
            #expect(try Self.find(during: step, seen.map { Self.event(moment, $0) }) == [])
            // Nobody was at it, or long after, or on another node.
            #expect(try Self.find(during: nil, seen.map { Self.event(moment, $0) }).count == seen.count)
            #expect(try Self.find(during: step, seen.map { Self.event(moment, $0) }, node: "w2").count == seen.count)
        }
        #expect(try Self.find(during: step, seen.map { Self.event(40, $0) }).count == seen.count)
    }

    @Test(
        "is what a step does not do, though it is at work on that node",
        arguments: [
            ("cordon", unschedulable(false)), ("drain", unschedulable(false)), ("uncordon", unschedulable(true)),
            ("drain", gone), ("kill", gone), ("upgrade", gone), ("start", gone), ("kill", unschedulable(true)),
            ("drain", taints(added: ["dedicated=a:NoExecute"])), ("flags", gone), ("expire", unschedulable(true)),
        ])
    func foreign(step: String, seen: Event.What) throws {
        let found = try Self.find(during: step, [Self.event(15, seen)])
        #expect(found.map(\.node) == ["w1"] && found.map(\.cluster) == ["west"])
        #expect(found.first?.at == Self.at(15))
    }

    @Test("is neither readiness nor a taint that reports a node's condition, but one set by hand")
    func conditions() throws {
        let byThemselves = [
            "node.kubernetes.io/memory-pressure:NoSchedule", "node.cilium.io/agent-not-ready:NoExecute",
            "node.cloudprovider.kubernetes.io/shutdown:NoSchedule",
        ]
        let seen = [
            Self.event(5, .nodeReady(cluster: "west", node: "w1", status: .unknown)),
            Self.event(6, Self.taints(added: byThemselves)), Self.event(7, Self.taints(removed: byThemselves)),
        ]
        #expect(try Self.find(during: nil, seen) == [])
        let byHand = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute"
        let found = try Self.find(
            during: nil, [Self.event(8, Self.taints(added: byThemselves + [byHand], removed: ["a=b:NoSchedule"]))])
        #expect(
            found == [
                Disturbance(cluster: "west", node: "w1", change: .tainted, taints: [byHand], at: Self.at(8)),
                Disturbance(
                    cluster: "west", node: "w1", change: .untainted, taints: ["a=b:NoSchedule"], at: Self.at(8)),
            ])
    }

    @Test("tells when a deleted node is there again")
    func returned() throws {
        let back = Self.event(9, .nodeReady(cluster: "west", node: "w1", status: .unknown))
        let ready = Self.event(12, .nodeReady(cluster: "west", node: "w1", status: .ready))
        let found = try Self.find(during: nil, [Self.event(5, Self.gone), back, ready])
        #expect(
            found == [
                Disturbance(cluster: "west", node: "w1", change: .deleted, at: Self.at(5), returned: Self.at(9))
            ])
        #expect(try Self.find(during: nil, [Self.event(5, Self.gone)]).first?.returned == nil)
    }

    @Test("is not what healing does to nodes that the trial had worked on, but is on others, and before and after")
    func healing() throws {
        let heal = [
            Self.event(
                30, .changeMade(step: "heal", action: "restore-all", cluster: "west", targets: ["cordon w1"])),
            Self.event(33, .healed(journalID: 1, inverse: "uncordon w1", outcome: .healed)),
        ]
        func found(_ moment: Double, _ what: Event.What) throws -> Int {
            try Self.find(during: "cordon", heal + [Self.event(moment, what)]).count
        }
        #expect(try found(31, Self.unschedulable(false)) == 0)
        #expect(try found(34, Self.unschedulable(false)) == 0)
        #expect(try found(28, Self.unschedulable(false)) == 1)
        #expect(try found(45, Self.unschedulable(false)) == 1)
        #expect(try found(31, .nodeUnschedulable(cluster: "west", node: "w9", false)) == 1)
        #expect(try found(31, .nodeUnschedulable(cluster: "east", node: "w1", false)) == 1)
        #expect(try found(31, Self.gone) == 1)
    }

    @Test("leaves out changes of a node that a step without a recorded end works on: in doubt they are the run's")
    func unfinished() throws {
        let cell = try #require(try Plan.parse(Self.plan, path: "made.yaml").cells.first)
        let events = [
            Self.event(10, .stepStarted(step: "drain", action: "drain")),
            Self.event(10.1, .targetsResolved(step: "drain", cluster: "west", targets: ["w1"])),
            Self.event(60, Self.unschedulable(true)), Self.event(61, Self.unschedulable(false)),
        ]
        #expect(DisturbanceFinder(events, cell: cell).disturbances().map(\.change) == [.uncordoned])
        // Without its plan nothing tells what the step does.
        #expect(DisturbanceFinder(events, cell: nil).disturbances() == [])
    }
}
