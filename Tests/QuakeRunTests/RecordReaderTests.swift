import QuakeCluster
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRun

@Suite("The reading of agents' records", .timeLimit(.minutes(3)))
struct RecordReaderTests {
    /// An agent whose pages a test writes down.
    private final class Agent: Sendable {
        struct State {
            var incarnation = "first"
            var records: [AgentRecord] = []
            /// Dropped before the first of `records`.
            var dropped: UInt64 = 0
            var answers = true
        }

        let state: Mutex<State>
        let (cluster, key): (String, String)

        init(_ cluster: String = "east", key: String = "a", dropped: UInt64 = 0, _ records: [AgentRecord] = []) {
            (self.cluster, self.key) = (cluster, key)
            state = Mutex(State(records: records, dropped: dropped))
        }

        /// As a ring answers: records are numbered from 1, and the cursor 0 asks for no account of what was dropped.
        func page(_ cursor: UInt64) throws -> RecordPage {
            try state.withLock { state in
                guard state.answers else { throw CancellationError() }
                let oldest = state.dropped + 1
                let first = min(max(cursor, oldest), oldest + UInt64(state.records.count))
                return RecordPage(
                    next: oldest + UInt64(state.records.count), incarnation: state.incarnation,
                    lost: cursor == 0 ? 0 : first - min(first, max(1, cursor)),
                    records: Array(state.records.dropFirst(Int(first - oldest))))
            }
        }

        var agent: RecordAgent {
            RecordAgent(key: key, cluster: cluster, name: "dials of balancer") { [self] in try page($0) }
        }
    }

    /// What was told.
    private final class Told: Sendable {
        let records = Mutex<[(cluster: String, record: AgentRecord)]>([])
        let gaps = Mutex<[String]>([])

        func add(_ what: Event.What) {
            if case .gap(_, _, let reason) = what { gaps.withLock { $0.append(reason) } }
        }
    }

    private let clock = RunClock()
    private let told = Told()

    private func record(_ second: Int64, node: String = "n") -> AgentRecord {
        AgentRecord(
            at: clock.originUnixNanoseconds + second * 1_000_000_000, .health(node: node, healthy: true))
    }

    private func next(_ reading: inout RecordReading) async {
        await reading.next(clock) { records in
            told.records.withLock { $0 += records.map { ("east", $0) } }
        } lost: {
            told.add($0)
        }
    }

    private var gaps: [String] { told.gaps.withLock { $0 } }
    private var count: Int { told.records.withLock { $0.count } }

    @Test("continues where it was, and says what an agent dropped in between")
    func dropped() async {
        let agent = Agent("east", [record(1)])
        var reading = RecordReading(agent.agent)
        await next(&reading)
        await next(&reading)
        #expect(count == 1 && gaps.isEmpty)
        agent.state.withLock {
            $0.dropped = 8
            $0.records = [record(9), record(10)]
        }
        await next(&reading)
        #expect(count == 3)
        #expect(gaps == ["east: dials of balancer: 7 records were dropped before they were read"])
    }

    @Test("says what was dropped before the first reading, unless all of it is from before the run")
    func droppedBefore() async {
        var reading = RecordReading(Agent("east", dropped: 12, [record(3)]).agent)
        await next(&reading)
        #expect(gaps.count == 1)
        #expect(
            gaps.first?.hasPrefix("east: dials of balancer: 12 records were dropped before it was first read") == true)
        var old = RecordReading(Agent("east", dropped: 12, [record(-1), record(3)]).agent)
        await next(&old)
        #expect(gaps.count == 1)
        #expect(count == 3)
    }

    @Test("says that an agent that restarted lost what was not read, and reads it from its beginning")
    func restarted() async {
        let agent = Agent("east", [record(1), record(2)])
        var reading = RecordReading(agent.agent)
        await next(&reading)
        agent.state.withLock {
            $0.incarnation = "second"
            $0.records = [record(4)]
        }
        await next(&reading)
        #expect(count == 3)
        #expect(gaps == ["east: dials of balancer: restarted: what it recorded after it was last read is lost"])
        #expect(reading.end(clock.now, isGone: true) == nil)
    }

    @Test("says what was lost with an agent that is gone, or does not answer at the end")
    func gone() async throws {
        let agent = Agent("east", [record(1)])
        var reading = RecordReading(agent.agent)
        await next(&reading)
        agent.state.withLock { $0.answers = false }
        await next(&reading)
        for (isGone, words) in [(true, "is gone: what it recorded"), (false, "could not be read at the end")] {
            guard case .gap(let from, let to, let reason)? = reading.end(clock.now, isGone: isGone) else {
                Issue.record("no gap")
                continue
            }
            #expect(reason.hasPrefix("east: dials of balancer: \(words)"))
            #expect(RunInstant.origin < from && from < to)
        }
        // It may still be asked, and has lost nothing then.
        agent.state.withLock { $0.answers = true }
        await next(&reading)
        #expect(reading.end(clock.now, isGone: false) == nil)
        #expect(gaps.isEmpty)
    }

    @Test("is by cluster and by agent: what hangs delays no other")
    func concurrent() async {
        let (west, other) = (Agent("west", key: "w", [record(1, node: "w")]), Agent(key: "o", [record(1, node: "o")]))
        let (release, hold) = AsyncStream<Void>.makeStream()
        let gate = Task { for await _ in release {} }
        let hanging = RecordAgent(key: "h", cluster: "east", name: "hangs") { _ in
            await gate.value
            throw CancellationError()
        }
        let told = told
        let reader = RecordReader(["east", "slow", "west"], clock: clock, every: .milliseconds(2)) { cluster in
            switch cluster {
            case "east": return [hanging, other.agent]
            case "west": return [west.agent]
            default:
                await gate.value
                return []
            }
        } tell: { records, cluster in
            told.records.withLock { $0 += records.map { (cluster, $0) } }
        } lost: {
            told.add($0)
        }
        // Each goes on being read while an agent beside it and a cluster beside it hang.
        for number in 2...4 {
            for agent in [west, other] {
                agent.state.withLock { $0.records.append(record(Int64(number), node: agent.key)) }
            }
            await until { told.records.withLock { $0.count } == 2 * number }
        }
        hold.finish()
        await reader.finish()
        let heard = told.records.withLock { $0 }
        for (cluster, node) in [("west", "w"), ("east", "o")] {
            let own = heard.filter { $0.cluster == cluster }.map(\.record.what)
            #expect(own == Array(repeating: .health(node: node, healthy: true), count: 4))
        }
        #expect(gaps.count == 1 && gaps.first?.hasPrefix("east: hangs: could not be read at the end") == true)
    }

    /// The suite's time limit ends it.
    private func until(_ holds: () -> Bool) async {
        while !holds() { try? await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("continues where it was with an agent that was gone for a while")
    func returned() async {
        let agent = Agent("east", [record(1)])
        let isThere = Mutex(true)
        let told = told
        let reader = RecordReader(["east"], clock: clock, every: .milliseconds(2)) { _ in
            isThere.withLock { $0 } ? [agent.agent] : []
        } tell: { records, cluster in
            told.records.withLock { $0 += records.map { (cluster, $0) } }
        } lost: {
            told.add($0)
        }
        await until { told.records.withLock { $0.count } == 1 }
        isThere.withLock { $0 = false }
        agent.state.withLock { $0.answers = false }
        await until { told.gaps.withLock { $0.count } == 1 }
        agent.state.withLock {
            $0.answers = true
            $0.records.append(record(2))
        }
        isThere.withLock { $0 = true }
        await until { told.records.withLock { $0.count } == 2 }
        await reader.finish()
        #expect(count == 2)
        #expect(gaps == ["east: dials of balancer: is gone: what it recorded after it was last read is lost"])
    }

    @Test("reads on while a cluster does not say which agents there are, and once more at the end")
    func unknown() async {
        let agent = Agent("east", [record(1)])
        let found = Mutex(0)
        let told = told
        let reader = RecordReader(["east"], clock: clock, every: .milliseconds(2)) { _ in
            let number = found.withLock { count in
                count += 1
                return count
            }
            guard number == 1 else { throw CancellationError() }
            return [agent.agent]
        } tell: { records, cluster in
            told.records.withLock { $0 += records.map { (cluster, $0) } }
        } lost: {
            told.add($0)
        }
        await until { told.records.withLock { $0.count } == 1 && found.withLock { $0 } > 2 }
        agent.state.withLock { $0.records.append(record(2)) }
        await reader.finish()
        #expect(count == 2 && gaps.isEmpty)
    }
}
