import ArgumentParser
import QuakeAnalysis
import QuakeBase
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Hold the prober against scheduled faults.",
        discussion: """
            Exits with 1 if a verdict, a bound or a silence is wrong, and with 2 if too little could be judged: more than \
            a tenth of the slots lay in seconds in which the prober distrusted itself, or a fifth of the faults had an \
            end in one. That is this machine's doing, so it is tried again before.
            """)

    @Option(help: "How many faults.")
    var faults = 300

    @Option(help: "Of the faults' lengths and kinds.")
    var seed: UInt64 = 1

    @Option(help: "The largest number of problems that is printed.")
    var problems = 20

    @Flag(help: "Show the same faults to hey and wrk, too.")
    var peers = false

    @Option(help: "How often at most, where a run judged too little.")
    var attempts = 3

    static let deadline = Duration.milliseconds(250)
    /// A judge that finds nothing wrong with this proves nothing.
    private static let control: Int64 = 300_000_000
    /// Nothing was proved if the prober distrusted itself for more than this share of its slots.
    private static let suspectLimit = 0.1
    /// Nothing was proved, either, if more than this share of the faults could not be judged.
    private static let unjudgedLimit = 0.2

    private enum Verdict { case right, wrong, inconclusive }

    func run() async throws {
        for attempt in 1...max(1, attempts) {
            if attempt > 1 { print("too little could be judged; once more") }
            switch try await hold() {
            case .right: return
            case .wrong: throw ExitCode(1)
            case .inconclusive: continue
            }
        }
        throw ExitCode(2)
    }

    private func hold() async throws -> Verdict {
        let memory = Memory()
        let clock = RunClock()
        let start = SystemClock.monotonic + 1_000_000_000
        let schedule = Schedule(count: faults, seed: seed, start: start)
        let server = try ServerProcess(faults: faults, seed: seed, start: start)
        let loopback = try LoopbackServer()
        let prober = try Prober(clock: clock, sink: memory)
        let lanes = try await startLanes(prober, server, loopback)
        let peers = self.peers ? try Peers() : nil
        await peers?.follow(schedule, port: server.port)
        let length = Double(schedule.end - SystemClock.monotonic) / 1e9
        print("\(faults) faults in \(Int(length)) s, seed \(seed), lanes at 50/s and 500/s (\(prober.scheduling))")
        while SystemClock.monotonic < schedule.end + 2_500_000_000 { try await Task.sleep(for: .milliseconds(200)) }
        for lane in lanes { await prober.stop(lane.id) }
        await prober.close()
        loopback.stop()
        let reports = await peers?.finish()
        return try judge(lanes, memory, schedule, try server.stop(), clock, reports)
    }

    private func startLanes(
        _ prober: Prober, _ server: ServerProcess, _ loopback: LoopbackServer
    ) async throws -> [Lane] {
        var lanes: [Lane] = []
        func start(_ rate: Int, _ mode: ConnectionMode, _ role: Lane.Role, _ to: String, _ port: Int) async throws {
            lanes.append(
                try await prober.start(
                    LaneSpec(
                        lane: Lane(
                            id: LaneID(rawValue: UInt32(lanes.count + 1)), trial: 0, role: role, traffic: "\(rate)/s",
                            from: "a", to: to, mode: mode, url: "http://127.0.0.1:\(port)/",
                            period: .seconds(1) / rate, deadline: Self.deadline, origin: .origin),
                        expectedCluster: to)))
        }
        for (rate, mode) in [(50, ConnectionMode.new), (50, .pooled), (500, .new), (500, .pooled)] {
            try await start(rate, mode, .probe, TruthServer.cluster, server.port)
        }
        try await start(20, .new, .loopback, LoopbackServer.name, loopback.port)
        return lanes
    }

    // MARK: - Judging

    /// Prints the truth table.
    private func judge(
        _ lanes: [Lane], _ memory: Memory, _ schedule: Schedule, _ record: ServerProcess.Record,
        _ clock: RunClock, _ reports: [Int: [Peers.Tool: Peers.Report]]?
    ) throws -> Verdict {
        let samples = memory.bySlot
        let timeline = MemoryTimeline(
            info: RunInfo(id: "truth", planName: "truth"), lanes: lanes, samples: samples)
        let suspects = try SuspectSeconds(timeline, lanes: lanes, events: memory.events)
        let enforced = schedule.with(record.inForce)
        var (slots, suspect, broken, mistaken, unjudged, bounded) = (0, 0, 0, 0, 0, 0)
        var (unsettled, wrong): (Set<Int>, Set<Int>) = ([], [])
        var found: [Int: Bool] = [:]
        var results: [(lane: Lane, result: Judge.Result)] = []
        print("| lane | slots | suspect | undecided | client | stalls | faults bounded | unjudged | problems |")
        print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
        for lane in lanes where lane.role == .probe {
            func judge(_ shift: Int64) -> Judge.Result {
                Judge(
                    lane: lane, samples: samples[lane.id] ?? [], suspects: suspects, schedule: enforced,
                    entries: record.entries, origin: clock.originNanoseconds + shift
                ).judge()
            }
            let result = judge(0)
            results.append((lane, result))
            mistaken += judge(Self.control).problems.count
            print(
                "| \(lane.mode.rawValue) \(lane.traffic) | \(result.slots) | \(result.suspect) | \(result.undecided) "
                    + "| \(result.clientFailures) | \(result.stalls) "
                    + "| \(result.found.values.count { $0 }) of \(result.found.count) | \(result.unjudged.count) "
                    + "| \(result.problems.count) |")
            for problem in result.problems.prefix(problems) { print("  ! \(problem)") }
            slots += result.slots
            suspect += result.suspect + result.clientFailures
            unsettled.formUnion(result.unjudged)
            wrong.formUnion(result.wrong)
            broken += result.problems.count
            unjudged += result.unjudged.count
            bounded += result.found.count
            for (index, isFound) in result.found { found[index] = (found[index] ?? true) && isFound }
        }
        let tables = TruthTables(schedule: enforced, results: results, found: found)
        tables.printKinds()
        tables.printOutages(of: .blackhole)
        if let reports { tables.printPeers(reports) }
        let count = enforced.faults.count
        print(
            "\(count - wrong.count) of \(count) faults: every verdict on every lane right, and each outage that the fault "
                + "bounds (\(found.count) faults do) found within its bounds; \(broken) problems")
        if !unsettled.isEmpty {
            print("of these, \(unsettled.count) had an end in a second that some lane leaves out: no bounds there")
        }
        print("control, the prober's clock taken to be 300 ms off: \(mistaken) problems (there must be some)")
        let share = Double(suspect) / Double(max(1, slots))
        print(
            "\(suspects.count) seconds in which the prober distrusted itself: \((share * 1000).rounded() / 10) % "
                + "of all slots left out (at most \(Int(Self.suspectLimit * 100)) %)")
        let isEnough = Double(unjudged) <= Double(unjudged + bounded) * Self.unjudgedLimit
        if !isEnough { print("\(unjudged) of \(unjudged + bounded) faults could not be judged: too many") }
        if broken > 0 || mistaken == 0 { return .wrong }
        return share <= Self.suspectLimit && isEnough ? .right : .inconclusive
    }
}

/// Keeps what the prober records.
private final class Memory: ProbeSink {
    // In batches: to grow one array would stall the prober's thread.
    private let batches = Mutex<[[Sample]]>([])
    private let told = Mutex<[Event]>([])

    /// What the prober says of itself among it.
    var events: [Event] { told.withLock { $0 } }

    /// Lane → its samples in the order of their slots.
    var bySlot: [LaneID: [Sample]] {
        Dictionary(grouping: batches.withLock { $0 }.joined(), by: \.lane)
            .mapValues { $0.sorted { $0.sequence < $1.sequence } }
    }

    func record(_ new: [Sample]) { batches.withLock { $0.append(new) } }
    func record(_ event: Event) { told.withLock { $0.append(event) } }
    func server(_ identity: ServingIdentity) -> UInt32 { 1 }
    func text(_ text: String) -> UInt32 { 0 }
}
