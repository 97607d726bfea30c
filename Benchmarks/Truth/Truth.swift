import ArgumentParser
import Foundation
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Random faults, scheduled to the microsecond, between the prober and a server that logs when each answer left: every
/// slot's verdict, every outage's bounds, and every silence are held against them.
@main
struct Truth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truth", abstract: "Hold the prober against scheduled faults.",
        discussion: "Exits with 1 if a verdict, a bound or a silence is wrong.")

    @Option(help: "How many faults.")
    var faults = 300

    @Option(help: "Of the faults' lengths and kinds.")
    var seed: UInt64 = 1

    @Option(help: "At most so many problems are printed.")
    var problems = 20

    private static let deadline = Duration.milliseconds(250)
    /// A judge that finds nothing wrong with this proves nothing.
    private static let control: Int64 = 300_000_000

    func run() async throws {
        let memory = Memory()
        let clock = RunClock()
        let schedule = Schedule(count: faults, seed: seed, start: monotonicNanoseconds() + 1_000_000_000)
        let server = TruthServer(schedule, slow: Self.deadline.inNanoseconds * 2)
        let prober = try Prober(clock: clock, sink: memory)
        var lanes: [Lane] = []
        for (rate, mode) in [(50, ConnectionMode.new), (50, .pooled), (500, .new), (500, .pooled)] {
            lanes.append(
                try await prober.start(
                    LaneSpec(
                        lane: Lane(
                            id: LaneID(rawValue: UInt32(lanes.count + 1)), trial: 0, traffic: "\(rate)/s", from: "a",
                            to: TruthServer.cluster, mode: mode, url: "http://127.0.0.1:\(server.port)/",
                            period: .seconds(1) / rate, deadline: Self.deadline, origin: .origin),
                        expectedCluster: TruthServer.cluster)))
        }
        let length = Double(schedule.end - monotonicNanoseconds()) / 1e9
        print("\(faults) faults in \(Int(length)) s, seed \(seed), lanes at 50/s and 500/s (\(prober.scheduling))")
        while monotonicNanoseconds() < schedule.end + 2_500_000_000 { try await Task.sleep(for: .milliseconds(200)) }
        for lane in lanes { await prober.stop(lane.id) }
        await prober.close()
        server.stop()

        let samples = memory.samples.withLock { $0 }
        let entries = server.entries
        let enforced = schedule.with(server.inForce)
        var (broken, mistaken) = (0, 0)
        var found: [Int: Bool] = [:]
        print(
            "| lane | slots | undecided | client | stalls | faults bounded | problems |\n|---|---:|---:|---:|---:|---:|---:|"
        )
        for lane in lanes {
            let own = samples.filter { $0.lane == lane.id }.sorted { $0.sequence < $1.sequence }
            func judge(_ shift: Int64) -> Judge.Result {
                Judge(
                    lane: lane, samples: own, schedule: enforced, entries: entries,
                    origin: clock.originNanoseconds + shift
                ).judge()
            }
            let result = judge(0)
            mistaken += judge(Self.control).problems.count
            let good = result.found.values.count { $0 }
            print(
                "| \(lane.mode.rawValue) \(lane.traffic) | \(result.slots) | \(result.undecided) "
                    + "| \(result.clientFailures) | \(result.stalls) | \(good) of \(result.found.count) | \(result.problems.count) |"
            )
            for problem in result.problems.prefix(problems) { print("  ! \(problem)") }
            broken += result.problems.count
            for (index, isFound) in result.found { found[index] = (found[index] ?? true) && isFound }
        }
        printKinds(schedule, found)
        let whole = found.values.count { $0 }
        print(
            "\(whole) of \(found.count) faults found within their bounds on every lane that they bound; \(broken) problems"
        )
        print("control, the prober's clock taken to be 300 ms off: \(mistaken) problems (there must be some)")
        if broken > 0 || mistaken == 0 { throw ExitCode(1) }
    }

    private func printKinds(_ schedule: Schedule, _ found: [Int: Bool]) {
        print("| fault | scheduled | of these partial | bounded | found |\n|---|---:|---:|---:|---:|")
        for kind in FaultKind.allCases {
            let own = schedule.faults.enumerated().filter { $0.element.kind == kind }
            let bounded = own.compactMap { found[$0.offset] }
            print(
                "| \(kind.rawValue) | \(own.count) | \(own.count { $0.element.isPartial }) | \(bounded.count) "
                    + "| \(bounded.count { $0 }) |")
        }
    }
}

/// Keeps what the prober records.
private final class Memory: ProbeSink {
    let samples = Mutex<[Sample]>([])

    func record(_ new: [Sample]) { samples.withLock { $0 += new } }
    func record(_ event: Event) {}
    func server(_ identity: ServingIdentity) -> UInt32 { 1 }
    func text(_ text: String) -> UInt32 { 0 }
}
