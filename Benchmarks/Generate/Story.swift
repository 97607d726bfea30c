import QuakePlan
import QuakeTimeline

/// What happened in the run: one trial, in which a gateway's node dies again and again.
struct Story {
    static let server = ServingIdentity(cluster: "west", node: "west-worker", pod: "echo-7c9d-x2x4k")
    static let nodes = ["west-worker", "west-worker2"]
    private static let detection = Duration.seconds(40)
    private static let outage = Duration.seconds(300)

    /// When a node died, was NotReady, and was started again.
    struct Kill {
        var at: RunInstant
        var step: String
        var node: String

        var noticed: RunInstant { at + Story.detection }
        var healed: RunInstant { at + Story.outage }
    }

    let lanes: [Lane]
    let kills: [Kill]
    let end: RunInstant
    let planSource: String

    init(hours: Double, rate: Int, every: Double) {
        end = RunInstant(nanoseconds: Int64(hours * 3600e9))
        var kills: [Kill] = []
        // Half-way into each stretch.
        var at = RunInstant(nanoseconds: Int64(every * 30e9))
        while at + Self.outage + .seconds(60) < end {
            let number = kills.count + 1
            kills.append(Kill(at: at, step: "kill-\(number)", node: Self.nodes[number % 2]))
            at = at + .nanoseconds(Int64(every * 60e9))
        }
        self.kills = kills
        let perLane = Double(rate) / 2
        func lane(_ id: UInt32, _ mode: ConnectionMode, _ role: Lane.Role, _ rate: Double) -> Lane {
            Lane(
                id: LaneID(rawValue: id), trial: 0, role: role, traffic: role == .loopback ? "control" : "echo",
                from: role == .probe ? "east" : "west", to: "west", peering: role == .probe ? .nodePort : nil,
                mode: mode,
                url: "http://echo.demo.mesh.internal:8080/", period: .nanoseconds(Int64(1e9 / rate)),
                origin: RunInstant(nanoseconds: 5_000_000))
        }
        lanes = [
            lane(1, .new, .probe, perLane), lane(2, .pooled, .probe, perLane), lane(3, .new, .sameCluster, 20),
            lane(4, .new, .loopback, 20),
        ]
        planSource = Self.plan(kills, perLane: perLane, every: every)
    }

    private static func plan(_ kills: [Kill], perLane: Double, every: Double) -> String {
        let steps = kills.enumerated().map { index, kill in
            """
              - id: \(kill.step)
                kill-node: {cluster: west, nodes: {names: [\(kill.node)]}, how: power-off}
                until: {node: NotReady, within: 90s}
                hold: 260s
              - id: start-\(index + 1)
                start-node: {step: \(kill.step)}
                until: {node: Ready, within: 90s}
                hold: \(Int(every * 60) - 300)s
            """
        }
        return """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: long-run
            description: Kill a gateway's node again and again for many hours.
            clusters: [east, west]
            matrix:
              peering: [NodePort]
            traffic:
              - name: echo
                url: http://echo.demo.mesh.internal:8080/
                from: east
                to: west
                rate: \(Int(perLane))/s
                connections: [new, pooled]
            hypothesis: {baseline: 20s, availability: 99%}
            steps:
            \(steps.joined(separator: "\n"))
            settle: 10s
            always: [restore-all]
            expect:
              - {availability: ">= 90%"}
              - {recovery: "<= 60s"}
            """ + "\n"
    }

    /// In the order of time.
    var events: [Event] {
        var events: [Event] = [
            Event(at: .origin, .runStarted),
            event(0, .trialStarted(cell: 0, repeatIndex: 0, labels: ["peering": "NodePort"])),
        ]
        events += lanes.map { event(0.005, .laneStarted($0.id)) }
        events.append(event(20, .hypothesis(HypothesisResult(moment: .before, held: true, detail: "all good"))))
        for (index, kill) in kills.enumerated() { events += self.events(of: kill, index) }
        events += lanes.map { Event(at: end, trial: 0, .laneStopped($0.id)) }
        events.append(Event(at: end, trial: 0, .trialFinished))
        events.append(Event(at: end, .runFinished(exitCode: 0)))
        return events
    }

    private func event(_ seconds: Double, _ what: Event.What) -> Event {
        Event(at: RunInstant(nanoseconds: Int64(seconds * 1e9)), trial: 0, what)
    }

    private func events(of kill: Kill, _ index: Int) -> [Event] {
        let fault = Fault(
            id: kill.step, step: kill.step, action: "kill-node", cluster: "west", targets: [kill.node])
        let start = "start-\(index + 1)"
        let others = Self.nodes.filter { $0 != kill.node }.map { "\($0)=172.18.0.4:31080" }
        let story: [(RunInstant, Event.What)] = [
            (kill.at, .stepStarted(step: kill.step, action: "kill-node")),
            (kill.at, .faultInjected(fault)),
            (kill.at, .stepFinished(step: kill.step, outcome: .finished, detail: "")),
            (kill.noticed, .nodeReady(cluster: "west", node: kill.node, status: .unknown)),
            (kill.noticed, .conditionMet(step: kill.step, condition: "node NotReady", afterMillis: 40_000)),
            (kill.noticed + .milliseconds(20), .targetSet(cluster: "east", peer: "west", addresses: others)),
            (kill.healed, .stepStarted(step: start, action: "start-node")),
            (kill.healed, .changeMade(step: start, action: "start-node", cluster: "west", targets: [kill.node])),
            (kill.healed, .stepFinished(step: start, outcome: .finished, detail: "")),
            (kill.healed + .seconds(12), .nodeReady(cluster: "west", node: kill.node, status: .ready)),
            (
                kill.healed + .seconds(13),
                .targetSet(cluster: "east", peer: "west", addresses: others + ["\(kill.node)=172.18.0.5:31080"])
            ),
        ]
        return story.map { Event(at: $0.0, trial: 0, $0.1) }
    }
}
