import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("A run's chart")
struct ChartTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// A hundred seconds of which the fault's two are wholly bad and the third half.
    private static func made(events more: [Event] = []) throws -> Chart {
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: .new,
            url: "", period: .milliseconds(10), origin: .origin)
        let samples = (0..<10_000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(40) && (due < at(42) || (due < at(43) && sequence % 2 == 0))
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due,
                done: due + .milliseconds(isBad ? 2000 : due >= at(43) ? 9 : 3), outcome: isBad ? .refused : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["w1"])
        let events =
            [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: at(40), trial: 0, .faultInjected(fault)), Event(at: at(100), trial: 0, .trialFinished),
            ] + more
        let timeline = MemoryTimeline(
            info: RunInfo(id: "x", planName: "made"), lanes: [lane], events: events.sorted { $0.at < $1.at },
            samples: [lane.id: samples])
        let findings = try Analyser(timeline, plan: Plan(name: "made", clusters: [], cells: [])).findings()
        return try ChartBuilder(timeline, findings: findings).build().chart
    }

    @Test("loses no slot when it joins buckets, and keeps blackout and brownout apart")
    func strips() throws {
        let strip = try #require(Self.made().strips.first)
        #expect(strip.segments.reduce(0) { $0 + $1.good + $1.bad } == 10_000)
        let black = strip.segments.filter { $0.kind == .blackout }
        #expect(black.first?.interval.start == Self.at(40))
        #expect(black.reduce(0) { $0 + $1.bad } >= 200)
        let brown = strip.segments.filter { $0.kind == .brownout }
        #expect(brown.allSatisfy { abs($0.badShare - 0.5) < 0.11 })
        #expect(strip.segments.allSatisfy { $0.interval.start < $0.interval.end })
        #expect(zip(strip.segments, strip.segments.dropFirst()).allSatisfy { $0.interval.end <= $1.interval.start })
    }

    @Test("measures latency before, during and after a fault")
    func latencies() throws {
        let found = try #require(try Self.latency())
        #expect(found.before.maximum == 3_000_000)
        // The fiftieth good one is where the lane was stable again.
        #expect(found.during.count == 49)
        #expect(found.after.maximum == 9_000_000)
    }

    private static func latency() throws -> PhaseLatency? {
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", mode: .new, url: "",
            period: .milliseconds(10), origin: .origin)
        let samples = (0..<10_000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(40) && due < at(41) && sequence % 2 == 0
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(due < at(41) ? 3 : 9),
                outcome: isBad ? .refused : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["w1"])
        let timeline = MemoryTimeline(
            info: RunInfo(id: "x", planName: "made"), lanes: [lane],
            events: [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: at(40), trial: 0, .faultInjected(fault)), Event(at: at(100), trial: 0, .trialFinished),
            ], samples: [lane.id: samples])
        let findings = try Analyser(timeline, plan: Plan(name: "made", clusters: [], cells: [])).findings()
        return try ChartBuilder(timeline, findings: findings).build().latencies.first
    }

    @Test("shows what was true before the first lane began, and every change after")
    func rows() throws {
        let chart = try Self.made(events: [
            Event(at: Self.at(-5), .nodeReady(cluster: "west", node: "w1", status: .ready)),
            Event(at: Self.at(44), trial: 0, .nodeReady(cluster: "west", node: "w1", status: .unknown)),
            Event(at: Self.at(45), trial: 0, .nodeReady(cluster: "west", node: "w1", status: .ready)),
            Event(at: Self.at(46), trial: 0, .nodeUnschedulable(cluster: "west", node: "w1", true)),
            Event(at: Self.at(-5), .targetSet(cluster: "", peer: "west", addresses: ["w1=1.2.3.4:5", "w2=1.2.3.5:5"])),
            Event(at: Self.at(44.2), trial: 0, .targetSet(cluster: "", peer: "west", addresses: ["w2=1.2.3.5:5"])),
        ])
        let node = try #require(chart.rows.first { $0.group == .nodes })
        #expect(node.spans.map(\.state) == [.good, .bad, .good, .changing])
        #expect(node.spans.first?.interval.start == Self.at(0))
        #expect(node.spans.last?.interval.end == Self.at(100))
        let targets = chart.rows.filter { $0.group == .targets }
        #expect(targets.map(\.name) == ["to west: w1", "to west: w2"])
        #expect(targets.map(\.spans.count) == [2, 1])
        #expect(chart.moments.map(\.at) == chart.moments.map(\.at).sorted())
        #expect(chart.moments.contains { $0.kind == .outage && $0.at == Self.at(40) })
        #expect(chart.moments.contains { $0.kind == .fault && $0.words == "kill: kill-node of w1" })
    }
}
