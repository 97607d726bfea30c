import Foundation
import QuakeAnalysis
import QuakeBase
import QuakePlan
import QuakeTestSupport
import QuakeTimeline
import Testing

@Suite("Outages")
struct OutageTests {
    private let lane = Lane(
        id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort, mode: .new,
        url: "http://echo/", period: .milliseconds(20), origin: .origin)

    /// By definition: maximal runs of bad slots, looked at pair by pair; runs with fewer than `bridge` good slots between
    /// them are one.
    private func reference(_ kinds: [Slot.Kind], bridge: Int) -> [(first: Int, last: Int, bad: Int)] {
        let known = kinds.indices.filter { kinds[$0] != .excluded }
        let bad = known.filter { kinds[$0] == .bad }
        var runs: [(first: Int, last: Int, bad: Int)] = []
        for slot in bad {
            if let last = runs.last {
                let between = known.count { $0 > last.last && $0 < slot && kinds[$0] == .good }
                if between < bridge {
                    runs[runs.count - 1] = (last.first, slot, last.bad + 1)
                    continue
                }
            }
            runs.append((slot, slot, 1))
        }
        return runs
    }

    @Test("are what a brute-force reference finds", arguments: 0..<200 as Range<UInt64>)
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var share = 0.5
        let kinds = (0..<300).map { _ -> Slot.Kind in
            if Double.random(in: 0..<1, using: &generator) < 0.05 {
                share = [0.02, 0.5, 0.95].randomElement(using: &generator) ?? 0.5
            }
            let draw = Double.random(in: 0..<1, using: &generator)
            return draw < 0.03 ? .excluded : draw < share ? .bad : .good
        }
        for bridge in [1, 5, OutageFinder.mergeLength(lane)] {
            var finder = OutageFinder(lane: lane, bridge: bridge)
            for (index, kind) in kinds.enumerated() {
                finder.add(Slot(sequence: UInt64(index), due: lane.due(UInt64(index)), kind: kind))
            }
            finder.finish()
            let expected = reference(kinds, bridge: bridge)
            #expect(finder.outages.map(\.first) == expected.map { lane.due(UInt64($0.first)) })
            #expect(finder.outages.map(\.last) == expected.map { lane.due(UInt64($0.last)) })
            #expect(finder.outages.map(\.badSlots) == expected.map(\.bad))
            for outage in finder.outages {
                #expect(outage.lower <= outage.estimate)
                #expect(outage.estimate <= outage.upper)
                #expect(outage.impairmentUpper == outage.upper + .milliseconds(250))
            }
        }
    }

    @Test("are censored when the lane ends in them")
    func censored() {
        var finder = OutageFinder(lane: lane)
        for index in 0..<60 as Range<UInt64> {
            finder.add(Slot(sequence: index, due: lane.due(index), kind: index < 5 ? .good : .bad))
        }
        finder.finish()
        #expect(finder.outages.count == 1)
        #expect(finder.outages[0].isCensored)
        #expect(finder.outages[0].isBlackout)
        #expect(finder.outages[0].estimate == .milliseconds(55 * 20))
    }

    @Test("K is a second's worth of slots, at least ten")
    func mergeLength() {
        #expect(OutageFinder.mergeLength(lane) == 50)
        var slow = lane
        slow.periodNanoseconds = 1_000_000_000
        #expect(OutageFinder.mergeLength(slow) == 10)
    }
}

@Suite("Latencies")
struct HistogramTests {
    @Test("have percentiles within 3 % of the sorted list's", arguments: 0..<20 as Range<UInt64>)
    func percentiles(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var histogram = Histogram()
        let values = (0..<2000).map { _ in Int64(pow10(Double.random(in: 3..<10, using: &generator))) }
        for value in values { histogram.add(value) }
        let sorted = values.sorted()
        for share in [0.5, 0.9, 0.99, 1] {
            let exact = sorted[Int((share * 2000).rounded(.up)) - 1]
            let found = try #require(histogram.percentile(share))
            let nanoseconds = found / .nanoseconds(1)
            #expect(nanoseconds >= Double(exact))
            #expect(nanoseconds <= Double(exact) * 1.032 + 1)
        }
    }

    @Test("merge, and read again what was written, in any order")
    func merged() throws {
        var (low, high, both) = (Histogram(), Histogram(), Histogram())
        for value in [0, 5, 5, 900] as [Int64] { low.add(value) }
        for value in [5, 70_000, 2_000_000_000] as [Int64] { high.add(value) }
        for value in [0, 5, 5, 900, 5, 70_000, 2_000_000_000] as [Int64] { both.add(value) }
        var other = high
        // Downwards, too: room is made below what is held.
        other.merge(low)
        #expect(other == both)
        low.merge(high)
        #expect(low == both)
        low.merge(Histogram())
        #expect(low == both)
        #expect(low.maximum == 2_000_000_000)
        #expect(try JSONDecoder().decode(Histogram.self, from: try JSONEncoder().encode(low)) == low)
        let known = Data(#"{"counts":{"5":2},"count":2,"maximum":5}"#.utf8)
        other = try JSONDecoder().decode(Histogram.self, from: known)
        #expect(other.percentile(1) == .nanoseconds(5))
    }

    private func pow10(_ exponent: Double) -> Double {
        var result = 1.0
        for _ in 0..<Int(exponent * 100) { result *= 1.023292992280754 }
        return result
    }
}
