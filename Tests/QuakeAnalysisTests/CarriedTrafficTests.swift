import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

/// Whether a fault's nodes carried traffic.
struct CarriedTrafficTests {
    private static func second(_ second: Int64) -> RunInstant { RunInstant(nanoseconds: second * 1_000_000_000) }

    private static func dial(_ node: String, at second: Int64, from: String = "east", ok: Bool = true) -> Dial<
        RunInstant
    > {
        Dial(
            dialer: .balancer, cluster: from, peer: "west", began: Self.second(second), millis: 1, gatewayNode: node,
            outcome: ok ? .ok : .timeout)
    }

    private static func carried(_ dials: [Dial<RunInstant>], at seconds: [Int64] = [100]) -> [CarriedTraffic?] {
        var counter = CarrierCounter(
            seconds.enumerated().map { index, second in
                CarrierCounter.Victim(trial: index, fault: 0, cluster: "west", nodes: ["a"], at: Self.second(second))
            })
        for dial in dials { counter.add(dial) }
        return counter.carried()
    }

    @Test func countsTheTunnelsOfTheLastTenSeconds() {
        let dials = [Self.dial("a", at: 80), Self.dial("a", at: 92), Self.dial("b", at: 95), Self.dial("b", at: 96)]
        #expect(Self.carried(dials) == [CarriedTraffic(isNewest: false, tunnels: 3, through: 1)])
        #expect(Self.carried(dials)[0]?.isCarrier == true)
    }

    @Test func oneSharedTunnelOfLongAgoCarriesAllTheSame() {
        #expect(Self.carried([Self.dial("a", at: 10)]) == [CarriedTraffic(isNewest: true, tunnels: 0, through: 0)])
        #expect(Self.carried([Self.dial("b", at: 10)])[0]?.isCarrier == false)
    }

    @Test func whatFailedOrCameLaterTellsNothing() {
        #expect(Self.carried([Self.dial("a", at: 99, ok: false), Self.dial("a", at: 101)]) == [nil])
    }

    @Test func ofAMeshWithoutDialsTheStreamsOfItsGatewaysTell() {
        func carried(_ streams: [(second: Int64, node: String, count: Int)], in cluster: String = "west")
            -> CarriedTraffic?
        {
            var counter = CarrierCounter([
                CarrierCounter.Victim(trial: 0, fault: 0, cluster: "west", nodes: ["a"], at: Self.second(100))
            ])
            for entry in streams {
                counter.add(
                    Event(
                        at: Self.second(entry.second),
                        .carried(cluster: cluster, node: entry.node, streams: entry.count)))
            }
            return counter.carried()[0]
        }
        #expect(
            carried([(80, "a", 70), (92, "a", 8), (95, "b", 2), (101, "b", 90)])
                == CarriedTraffic(isNewest: true, tunnels: 10, through: 8, areStreams: true))
        #expect(carried([(95, "b", 2)])?.isCarrier == false)
        #expect(carried([(95, "a", 1), (95, "b", 2)])?.isCarrier == true)
        #expect(carried([(95, "a", 2)], in: "east") == nil)
        #expect(carried([(80, "a", 2)]) == nil)
    }

    @Test func theStreamsOfGatewaysAreReportedOfARunThatNamesNoModeOfTunnels() throws {
        let kill = Step(
            id: "kill", body: .action(.declared(KillNode(.select(cluster: "west", NodeSelector()), how: .powerOff))))
        let cell = Cell(
            labels: [:], traffic: [Traffic(name: "echo", url: "http://echo/", from: "east", to: "west")],
            hypothesis: Hypothesis(baseline: .seconds(9)), steps: [kill], settle: .seconds(3), expectations: [])
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["a"])
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [],
            events: [
                Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: Self.second(8), trial: 0, .carried(cluster: "west", node: "a", streams: 7)),
                Event(at: Self.second(10), trial: 0, .faultInjected(fault)),
                Event(at: Self.second(30), trial: 0, .trialFinished),
            ], samples: [:])
        let plan = Plan(name: "p", clusters: ["east", "west"], cells: [cell])
        let found = try #require(try Analyser(timeline, plan: plan).findings().trials[0].faults.first)
        #expect(found.carried == CarriedTraffic(isNewest: true, tunnels: 7, through: 7, areStreams: true))
    }

    @Test func eachWayHasItsOwnNewestTunnel() {
        let dials = [Self.dial("a", at: 50, from: "south"), Self.dial("b", at: 60)]
        #expect(Self.carried(dials)[0]?.isNewest == true)
    }

    @Test func aLaterFaultKnowsTheTunnelsOfBeforeAnEarlierOne() {
        #expect(Self.carried([Self.dial("a", at: 10)], at: [20, 200]).map { $0?.isNewest } == [true, true])
        #expect(
            Self.carried([Self.dial("a", at: 10), Self.dial("b", at: 150)], at: [20, 200]).map { $0?.isNewest }
                == [true, false])
    }
}
