import QuakeCluster
import QuakeProbe
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRun

@Suite("The word of the clusters' hosts")
struct StallReaderTests {
    /// A host that tells what it is given, and fails to answer as often as it is told to.
    private final class Host: HostStalls {
        private let stalls: [HostStall]
        private let failures: Mutex<Int>
        let asked = Mutex<[Int]>([])

        init(_ stalls: [HostStall], failing failures: Int = 0) {
            self.stalls = stalls
            self.failures = Mutex(failures)
        }

        func stalls(after number: Int) async throws -> [HostStall] {
            asked.withLock { $0.append(number) }
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw CancellationError() }
            return stalls.filter { $0.number > number }
        }
    }

    private let clock = RunClock()

    /// Milliseconds after the run's origin.
    private func stall(_ number: Int, _ from: Int64, _ to: Int64) -> HostStall {
        HostStall(
            number: number, from: clock.originNanoseconds + from * 1_000_000,
            to: clock.originNanoseconds + to * 1_000_000)
    }

    private func spans(_ events: [Event.What]) -> [[Int64]] {
        events.compactMap {
            guard case .suspect(let from, let to, _, _) = $0 else { return nil }
            return [from.nanoseconds / 1_000_000, to.nanoseconds / 1_000_000]
        }
    }

    @Test("makes a stall suspect from the longest deadline before it, if it lasts for half of the shortest")
    func widens() async {
        let host = Host([stall(1, 1000, 1099), stall(2, 2000, 2100), stall(3, 5000, 7000)])
        let reader = StallReader([host], deadlines: [.milliseconds(200), .milliseconds(500)])
        let events = await reader.read(clock)
        #expect(spans(events) == [[1500, 2100], [4500, 7000]])
        guard case .suspect(_, _, let reason, _)? = events.last else { return }
        #expect(reason == "the clusters' own process stalled for 2000 ms")
    }

    @Test("is reported once, by however many clusters, and asked only for what is new")
    func once() async {
        let stalls = [stall(1, 1000, 1200), stall(2, 2000, 2300)]
        let hosts = [Host(stalls), Host(stalls)]
        let reader = StallReader(hosts, deadlines: [.milliseconds(250)])
        #expect(await reader.read(clock).count == 2)
        #expect(await reader.read(clock).isEmpty)
        for host in hosts { #expect(host.asked.withLock { $0 } == [0, 2]) }
    }

    @Test("is asked again of a host that did not answer")
    func again() async {
        let host = Host([stall(1, 1000, 1200)], failing: 1)
        let reader = StallReader([host], deadlines: [.milliseconds(250)])
        #expect(await reader.read(clock).isEmpty)
        #expect(await spans(reader.read(clock)) == [[750, 1200]])
    }
}
