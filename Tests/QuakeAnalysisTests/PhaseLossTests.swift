import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("The loss of a phase, compared with its formula")
struct PhaseLossTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// A kill of `w1` at 10 s, NotReady 20 s later, with 16 slots a second; two gateways, `w1` and `w2`.
    private struct Scene {
        var facts: [String: String] = [:]
        var peering = PeeringMethod.nodePort
        var policy = "Cluster"
        /// By the slot's number and its seconds after the kill.
        var isBad: (UInt64, Double) -> Bool
        /// Whose gateway answers where `w2` is dialled.
        var behind = "w2"
        /// The node that the load balancer chose.
        var chosen = "w2"
        var healthCheckOut: Double?

        func rows() throws -> [PhaseLoss] {
            let traffic = Traffic(name: "echo", url: "http://echo/", from: "east", to: "west")
            let kill = Step(
                id: "kill",
                body: .action(.declared(KillNode(.select(cluster: "west", NodeSelector()), how: .powerOff))))
            let cell = Cell(
                labels: labels, traffic: [traffic], hypothesis: Hypothesis(baseline: .seconds(9)), steps: [kill],
                settle: .seconds(3), expectations: [])
            let plan = Plan(name: "p", clusters: ["east", "west"], cells: [cell])
            let timeline = timeline
            return try PhaseLoss.table(timeline, findings: Analyser(timeline, plan: plan).findings())
        }

        private var labels: [String: String] {
            ["peering": peering.rawValue, "externalTrafficPolicy": policy]
        }

        private var timeline: MemoryTimeline {
            let lane = Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: peering,
                mode: .new, url: "http://echo/", period: .milliseconds(62.5), origin: .origin)
            let samples = (0..<640 as Range<UInt64>).map { sequence in
                let due = lane.due(sequence)
                let after = Double((due - PhaseLossTests.at(10)).inNanoseconds) / 1e9
                let isBad = after >= 0 && isBad(sequence, after)
                return Sample(
                    lane: lane.id, sequence: sequence, due: due, sent: due,
                    done: due + .milliseconds(isBad ? 2000 : 3), outcome: isBad ? .connectTimeout : .ok)
            }
            return MemoryTimeline(
                info: RunInfo(id: "r", planName: "p", facts: facts), lanes: [lane], events: events,
                samples: [lane.id: samples], dials: dials)
        }

        private var events: [Event] {
            let at = PhaseLossTests.at
            let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["w1"])
            var events = [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: labels)),
                Event(at: at(9), trial: 0, .hypothesis(HypothesisResult(moment: .before, held: true, detail: ""))),
                Event(at: at(10), trial: 0, .faultInjected(fault)),
                Event(at: at(30), trial: 0, .nodeReady(cluster: "west", node: "w1", status: .unknown)),
                Event(
                    at: at(33), trial: 0,
                    .changeMade(step: "start", action: "start-node", cluster: "west", targets: ["w1"])),
                Event(at: at(40), trial: 0, .trialFinished),
            ]
            for node in ["w1", "w2", "w3"] {
                events.append(Event(at: at(0), .nodeReady(cluster: "west", node: node, status: .ready)))
                events.append(Event(at: at(0), .loadBalancerHealth(cluster: "west", node: node, healthy: true)))
            }
            for node in ["w1", "w2"] {
                let state = EndpointState(pod: "g-\(node)", node: node, ready: true, serving: true, terminating: false)
                events.append(Event(at: at(0), .endpoint(cluster: "west", service: "istio-eastwest", state)))
            }
            if let healthCheckOut {
                events.append(
                    Event(
                        at: at(10 + healthCheckOut), trial: 0,
                        .loadBalancerHealth(cluster: "west", node: "w1", healthy: false)))
            }
            return events.sorted { $0.at < $1.at }
        }

        private var dials: [Dial<RunInstant>] {
            func dial(_ dialer: Dialer, _ cluster: String, _ node: String, _ address: String, _ gateway: String)
                -> Dial<RunInstant>
            {
                Dial(
                    dialer: dialer, cluster: cluster, peer: "west", peering: peering, began: PhaseLossTests.at(5),
                    millis: 1, targetNode: node, targetAddress: address, gatewayPod: "g", gatewayNode: gateway,
                    outcome: .ok)
            }
            guard peering == .nodePort else {
                return [
                    dial(.loadBalancer, "west", chosen, "1.1.1.9:31000", ""),
                    dial(.balancer, "east", "", "9.9.9.9:15008", behind),
                ]
            }
            return [
                dial(.balancer, "east", "w1", "1.1.1.1:31000", "w1"),
                dial(.balancer, "east", "w2", "1.1.1.2:31000", behind),
            ]
        }
    }

    private static let shared = [
        "east tunnels": "shared", "west tunnels": "single",
        "east tunnel times":
            "connect time-out 5s, ping every 10s, given up 20s after an unanswered one, released after "
            + "5m unused, at most 50 streams a connection",
    ]

    @Test("archives that do not tell how tunnels used connections are judged by single connections")
    func old() throws {
        // Three of four fail, in a pattern.
        let rows = try Scene(isBad: { sequence, _ in sequence % 4 != 0 }).rows()
        let row = try #require(rows.first)
        #expect(rows.count == 1 && row.tunnels == .single && row.slots == 320 && row.given.isEmpty)
        #expect(row.expected == 0.75 && row.tolerance == 0.1 && row.holds)
        let said = try Scene(facts: ["tunnels": "single"], isBad: { _, _ in false }).rows()
        #expect(said.map(\.holds) == [false])
    }

    @Test("the facts of the client's cluster count, with the times in force")
    func facts() {
        let info = RunInfo(id: "r", planName: "p", facts: Self.shared)
        let east = TunnelFacts(info, of: "east")
        #expect(east.mode == .shared && TunnelFacts(info, of: "west").mode == .single)
        #expect(east.loss == SharedTunnelLoss(connectTimeout: .seconds(5), streamLimit: 50))
        let all = RunInfo(id: "r", planName: "p", facts: ["tunnels": "shared"])
        #expect(TunnelFacts(all, of: "east") == TunnelFacts(mode: .shared))
        #expect(TunnelFacts(RunInfo(id: "r", planName: "p"), of: "east").mode == .single)
    }

    @Test(
        "a tunnel that the victim carried is lost until its streams are used up, and for each dial that fails",
        arguments: [
            // Eight requests a second use up 50 streams in 6.25 s; a dial takes 5 s.
            (6.25, 0), (11.25, 1), (16.25, 2), (20.0, 3),
        ])
    func ladder(lost: Double, failed: Int) throws {
        var scene = Scene(facts: Self.shared) { sequence, after in sequence % 2 == 0 || after < lost }
        scene.behind = "w1"
        let row = try #require(try scene.rows().first)
        #expect(row.tunnels == .shared && row.holds, "\(row)")
        #expect(abs(row.expected - (0.5 + 0.5 * lost / 20)) < 0.005)
        #expect(row.given == "carried 1, dials failed \(failed)")
    }

    @Test("half is lost via NodePort where the victim carried its own tunnel alone, and with policy Local")
    func ownTunnel() throws {
        for policy in ["Cluster", "Local"] {
            var scene = Scene(facts: Self.shared) { sequence, _ in sequence % 2 == 0 }
            scene.policy = policy
            let row = try #require(try scene.rows().first)
            #expect(row.expected == 0.5 && row.given == "carried 0, dials failed 0" && row.holds)
        }
        // Two seconds of the other tunnel are no formula's.
        let scene = Scene(facts: Self.shared) { sequence, after in sequence % 2 == 0 || after < 10 }
        #expect(try scene.rows().map(\.holds) == [false])
    }

    @Test("via a load balancer nothing is lost unless the victim carried the tunnel, as the node or as the gateway's")
    func balanced() throws {
        func scene(_ chosen: String, _ behind: String, lost: Double) -> Scene {
            var scene = Scene(facts: Self.shared, peering: .loadBalancer) { _, after in after < lost }
            (scene.chosen, scene.behind, scene.healthCheckOut) = (chosen, behind, 8)
            return scene
        }
        let clean = try scene("w3", "w2", lost: 0).rows()
        #expect(clean.map(\.expected) == [0, 0] && clean.allSatisfy(\.holds))
        #expect(try scene("w3", "w2", lost: 6.125).rows().map(\.holds) == [false, true])
        for (chosen, behind) in [("w1", "w2"), ("w3", "w1")] {
            // 50 streams last 3.125 s at 16 requests a second; a load balancer gives a dial up after 3 s.
            let rows = try scene(chosen, behind, lost: 6.125).rows()
            #expect(rows.map(\.phase) == ["until the health check", "then until NotReady"])
            #expect(rows.allSatisfy(\.holds) && rows.first?.given == "carried 1, dials failed 1", "\(rows)")
            #expect(try scene(chosen, behind, lost: 0).rows().map(\.holds) == [false, true])
        }
    }
}
