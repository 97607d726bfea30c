import QuakeCluster
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Reads what the mesh's agents keep of their dials, each agent by itself: one that hangs delays no other one, and a cluster
/// whose API server is slow no other cluster. What an agent no longer had when it was read is told as a gap.
///
///     cluster ─ which agents? ─┬─ agent: page, page, pause, page …   until it is gone or the run is over
///      (every 500 ms)          └─ agent: page (hangs, 5 s) …
final class RecordReader: Sendable {
    private struct State {
        var isOver = false
        /// Agents that their clusters know now.
        var known: Set<String> = []
        /// Agents with a loop under way.
        var read: Set<String> = []
        /// How far the others were read: one that was gone may be back.
        var kept: [String: RecordReading] = [:]
    }

    private let find: @Sendable (String) async throws -> [RecordAgent]
    private let tell: @Sendable ([AgentRecord], String) -> Void
    private let lost: @Sendable (Event.What) -> Void
    private let clock: RunClock
    private let pause: Duration
    private let state = Mutex(State())
    private let loops = Mutex<Task<Void, Never>?>(nil)

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - find: a cluster's agents. While it fails, those that were known are read on.
    ///   - tell: records of an agent, in its order, with the cluster that it runs in.
    ///   - lost: gaps.
    init(
        _ clusters: [String], clock: RunClock, every pause: Duration = .milliseconds(500),
        find: @escaping @Sendable (String) async throws -> [RecordAgent],
        tell: @escaping @Sendable ([AgentRecord], String) -> Void, lost: @escaping @Sendable (Event.What) -> Void
    ) {
        self.find = find
        self.tell = tell
        self.lost = lost
        self.clock = clock
        self.pause = pause
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                for cluster in clusters { group.addTask { await self.follow(cluster) } }
            }
        }
        loops.withLock { $0 = task }
    }

    /// Reads every agent once more, and returns when each has answered or cannot.
    func finish() async {
        state.withLock { $0.isOver = true }
        await loops.withLock { $0 }?.value
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    private func follow(_ cluster: String) async {
        await withTaskGroup(of: Void.self) { group in
            var known: Set<String> = []
            while true {
                let isLast = isOver
                if let agents = try? await find(cluster) {
                    let now = Set(agents.map(\.key))
                    state.withLock { [known] in $0.known = $0.known.subtracting(known).union(now) }
                    known = now
                    for agent in agents where state.withLock({ $0.read.insert(agent.key).inserted }) {
                        group.addTask { await self.read(agent) }
                    }
                }
                if isLast { return }
                await wait()
            }
        }
    }

    /// Until the next reading, or the end of the run.
    private func wait() async {
        let deadline = ContinuousClock.now + pause
        while !isOver, ContinuousClock.now < deadline { try? await Task.sleep(for: min(pause, .milliseconds(50))) }
    }

    private func read(_ agent: RecordAgent) async {
        var reading = state.withLock { $0.kept.removeValue(forKey: agent.key) } ?? RecordReading(agent)
        while true {
            let (isGone, isLast) = state.withLock { (!$0.known.contains(agent.key), $0.isOver) }
            await reading.next(clock) {
                tell($0, agent.cluster)
            } lost: {
                lost($0)
            }
            if isGone || isLast {
                reading.end(clock.now, isGone: isGone).map(lost)
                state.withLock { [reading] state in
                    state.kept[agent.key] = reading
                    if !isLast { state.read.remove(agent.key) }
                }
                return
            }
            await wait()
        }
    }
}

/// How far one agent was read.
struct RecordReading: Sendable {
    private static let page = 5000

    private let agent: RecordAgent
    /// `nil` before the first page.
    private var cursor: (next: UInt64, incarnation: String)?
    /// When the last reading that came through was begun; the run's origin before that.
    private var since = RunInstant.origin
    /// Why the latest reading did not come through; `nil` if it did.
    private var failure: String?

    init(_ agent: RecordAgent) { self.agent = agent }

    /// Reads what there is by now.
    mutating func next(
        _ clock: RunClock, tell: ([AgentRecord]) -> Void, lost: (Event.What) -> Void
    ) async {
        let began = clock.now
        do {
            while true {
                // From 1 and not from 0, the oldest that there is: what was dropped before it is then told.
                let page = try await agent.page(cursor?.next ?? 1)
                if let known = cursor, known.incarnation != page.incarnation {
                    lost(gap("restarted: what it recorded after it was last read is lost", until: clock.now))
                    cursor = (1, page.incarnation)
                    continue
                }
                if let words = losses(of: page, clock) { lost(gap(words, until: clock.now)) }
                cursor = (page.next, page.incarnation)
                tell(page.records)
                if page.records.count < Self.page { break }
            }
            since = began
            failure = nil
        } catch {
            failure = "\(error)"
        }
    }

    /// What is said of records that were dropped unread; `nil` for those of before the run.
    private func losses(of page: RecordPage, _ clock: RunClock) -> String? {
        guard page.lost > 0 else { return nil }
        if cursor != nil, since > .origin { return "\(page.lost) records were dropped before they were read" }
        let oldest = page.records.first.map { clock.instant(unixNanoseconds: $0.at) } ?? .origin
        // It kept one of before the run: every later one is here.
        guard oldest > .origin else { return nil }
        return
            "\(page.lost) records were dropped before it was first read; how many are from before the run is not known"
    }

    private func gap(_ words: String, until now: RunInstant) -> Event.What {
        .gap(from: since, to: now, reason: "\(agent.cluster): \(agent.name): \(words)")
    }

    /// What is said of records that nobody will read any more; `nil` where all were read.
    func end(_ now: RunInstant, isGone: Bool) -> Event.What? {
        guard let failure else { return nil }
        if !isGone { return gap("could not be read at the end: \(failure)", until: now) }
        return cursor == nil ? nil : gap("is gone: what it recorded after it was last read is lost", until: now)
    }
}
