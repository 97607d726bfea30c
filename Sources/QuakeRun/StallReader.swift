import QuakeCluster
import QuakeProbe
import QuakeTimeline

/// Makes suspect what the hosts of a run's clusters stood still in, by their own word.
actor StallReader {
    private let hosts: [any HostStalls]
    /// A shorter stall by itself makes no answer late.
    private let limit: Duration
    /// What was under way when a stall began had been due for no longer than this.
    private let longest: Duration
    /// By host: the number of the last stall that it told of.
    private var known: [Int]
    /// Clusters of one process tell of the same stalls.
    private var told: [HostStall] = []

    /// - Parameter deadlines: of all traffic in the plan.
    init(_ hosts: [any HostStalls], deadlines: [Duration]) {
        self.hosts = hosts
        known = Array(repeating: 0, count: hosts.count)
        limit = (deadlines.min() ?? .zero) / 2
        longest = deadlines.max() ?? .zero
    }

    /// Asks all hosts what they have to tell since they were last asked. One that does not answer is asked again next time.
    ///
    /// - Returns: `suspect` events for it.
    func read(_ clock: RunClock) async -> [Event.What] {
        var found: [HostStall] = []
        for (index, host) in hosts.enumerated() {
            for stall in (try? await host.stalls(after: known[index])) ?? [] {
                known[index] = max(known[index], stall.number)
                guard .nanoseconds(stall.to - stall.from) >= limit, !told.contains(stall) else { continue }
                told = told.suffix(100) + [stall]
                found.append(stall)
            }
        }
        return found.map { stall in
            .suspect(
                from: clock.instant(monotonicNanoseconds: stall.from) + (.zero - longest),
                to: clock.instant(monotonicNanoseconds: stall.to),
                reason: "the clusters' own process stalled for \((stall.to - stall.from) / 1_000_000) ms")
        }
    }

    func tell(_ recorder: RunRecorder) async {
        for suspect in await read(recorder.clock) { recorder.event(suspect) }
    }

    /// Asks each second until cancelled.
    func run(_ recorder: RunRecorder) async {
        while !Task.isCancelled {
            await tell(recorder)
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
