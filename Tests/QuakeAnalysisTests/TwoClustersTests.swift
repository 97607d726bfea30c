import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("Two clusters whose nodes have the same names")
struct TwoClustersTests {
    private func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private func findings(_ extra: [(Double, Event.What)]) throws -> TrialFindings {
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", mode: .new, url: "",
            period: .milliseconds(100), origin: .origin)
        let samples = (0..<300 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            return Sample(lane: lane.id, sequence: sequence, due: due, sent: due, done: due, outcome: .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["worker"])
        let events =
            [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: at(0), .nodeReady(cluster: "east", node: "worker", status: .ready)),
                Event(at: at(0), .nodeReady(cluster: "west", node: "worker", status: .ready)),
                Event(at: at(0), .nodeReady(cluster: "west", node: "other", status: .ready)),
                Event(at: at(10), trial: 0, .faultInjected(fault)), Event(at: at(30), trial: 0, .trialFinished),
            ] + extra.map { Event(at: at($0.0), trial: 0, $0.1) }
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: events.sorted { $0.at < $1.at },
            samples: [lane.id: samples],
            dials: ["east", "west"].map { peer in
                Dial(
                    dialer: .balancer, cluster: "x", peer: peer, began: at(12), millis: 1, targetNode: "worker",
                    targetAddress: "10.0.0.1:1", outcome: .refused)
            })
        return try Analyser(timeline, plan: Plan(name: "p", clusters: ["east", "west"], cells: [])).findings().trials[0]
    }

    @Test("are two nodes, each named with its cluster; a name that is clear is not qualified")
    func notReady() throws {
        let trial = try findings([
            (12, .nodeReady(cluster: "east", node: "worker", status: .unknown)),
            (14, .nodeReady(cluster: "west", node: "worker", status: .unknown)),
            (15, .nodeReady(cluster: "west", node: "other", status: .notReady)),
        ])
        #expect(trial.notReady == ["east/worker", "other", "west/worker"])
        #expect(trial.failedDials.map(\.targetNode).sorted() == ["east/worker", "west/worker"])
    }

    @Test("are distinguished in what noticed a fault")
    func breakdown() throws {
        func endpoint(_ ready: Bool) -> EndpointState {
            EndpointState(pod: "gw", node: "worker", ready: ready, serving: ready, terminating: false)
        }
        let trial = try findings([
            (5, .targetSet(cluster: "east", peer: "west", addresses: ["worker=1:1", "other=2:1"])),
            (5, .targetSet(cluster: "west", peer: "east", addresses: ["worker=3:1"])),
            (11, .nodeReady(cluster: "east", node: "worker", status: .unknown)),
            (11, .endpoint(cluster: "east", service: "gw", endpoint(false))),
            (11, .loadBalancerHealth(cluster: "east", node: "worker", healthy: false)),
            (11, .targetSet(cluster: "west", peer: "east", addresses: [])),
            (11, .configPush(cluster: "east", Self.push)),
            (15, .nodeReady(cluster: "west", node: "worker", status: .unknown)),
            (16, .endpoint(cluster: "west", service: "gw", endpoint(false))),
            (17, .loadBalancerHealth(cluster: "west", node: "worker", healthy: false)),
            (18, .targetSet(cluster: "east", peer: "west", addresses: ["other=2:1"])),
            (19, .configPush(cluster: "west", Self.push)),
        ])
        let seconds: (Int64?) -> Int64? = { $0.map { $0 / 1_000_000_000 } }
        let found = trial.faults[0].breakdown
        #expect(seconds(found.detection) == 5)
        #expect(seconds(found.endpointWithdrawn) == 6)
        #expect(seconds(found.healthCheckOut) == 7)
        #expect(seconds(found.balancerDropped) == 8)
        #expect(seconds(found.configPushed) == 9)
    }

    private static let push = ConfigPush(
        istiod: "istiod-x", changes: 1, about: "config EndpointSlice/demo/echo", millis: 100, isFull: false)

    @Test("and of which older archives name none: any counts")
    func unnamed() throws {
        let trial = try findings([
            (5, .targetSet(cluster: "", peer: "west", addresses: ["worker=1:1"])),
            (17, .loadBalancerHealth(cluster: "", node: "worker", healthy: false)),
            (18, .targetSet(cluster: "", peer: "west", addresses: [])),
        ])
        #expect(trial.faults[0].breakdown.healthCheckOut == 7_000_000_000)
        #expect(trial.faults[0].breakdown.balancerDropped == 8_000_000_000)
    }
}
