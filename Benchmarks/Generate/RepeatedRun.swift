import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeBase
import QuakePlan
import QuakeTimeline

/// A gateway's node dies once a trial, by each peering method in turn. A `new` lane recovers after four to five seconds
/// times the factor, a `pooled` one after two to three; until then three slots of four are bad.
struct RepeatedRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repeats", abstract: "Repeats of Plans/compare/gateway-kill.yaml, to be compared.",
        discussion: """
            EXAMPLE
              generate repeats --out /tmp/healthy
              generate repeats --factor 2 --set grace=8s --seed 2 --out /tmp/worse
            """)

    @Option(help: "The plan's file.")
    var plan = "Plans/compare/gateway-kill.yaml"

    @Option(help: "Of each peering method.")
    var repeats = 10

    @Option(help: "How often as long as usual a new lane's recovery takes.")
    var factor = 1.0

    @Option(help: "Of recoveries.")
    var seed: UInt64 = 1

    @Option(help: "Days after 2026-01-31 02:15 UTC on which it ran.")
    var day = 0

    @Option(name: .customLong("set"), help: "NAME=VALUE that the run was given, for the record alone.")
    var settings: [String] = []

    @Option(name: .customLong("label"), help: "NAME=VALUE of the matrix, besides peering, for the record alone.")
    var labels: [String] = []

    @Option(help: "Of both clusters, for the record alone.")
    var kubernetes = "v1.35.0"

    @Option(help: "The run's directory, to be made; its name is the run's.")
    var out: String

    private static let trialSeconds: Int64 = 24

    func validate() throws {
        guard repeats > 0, factor > 0, factor < 3.5 else {
            throw ValidationError("--repeats must be positive, --factor above 0 and below 3.5")
        }
    }

    func run() throws {
        guard let source = FileManager.default.contents(atPath: plan) else {
            throw ValidationError("cannot read \(plan)")
        }
        let name = out.split(separator: "/").last.map(String.init) ?? out
        let archive = try ArchiveWriter(
            directory: out,
            info: RunInfo(
                id: name, planName: "gateway-kill", planPath: plan, planSource: String(decoding: source, as: UTF8.self),
                overrides: settings.map { "--set \($0)" } + ["--repeat \(repeats)"], seed: seed,
                originUnixNanoseconds: (1_769_825_700 + Int64(day) * 86_400) * 1_000_000_000))
        for (fact, value) in [
            "east Kubernetes": kubernetes, "west Kubernetes": kubernetes, "east nodes": "4", "west nodes": "4",
            "mesh": "standin",
        ] { archive.setFact(fact, value) }
        var generator = SeededGenerator(seed: seed)
        for trial in 0..<(repeats * 2) {
            write(trial, trial % 2 == 0 ? .loadBalancer : .nodePort, archive, &generator)
            if let problem = archive.problem { throw problem }
        }
        try archive.close()
        print("\(repeats * 2) trials in \(out)")
    }

    private func write(
        _ trial: Int, _ peering: PeeringMethod, _ archive: ArchiveWriter, _ generator: inout SeededGenerator
    ) {
        let origin = RunInstant(nanoseconds: Int64(trial) * Self.trialSeconds * 1_000_000_000)
        let recovery = (4 + generator.unit()) * factor
        let (kill, end) = (origin + .seconds(3), origin + .seconds(Self.trialSeconds - 1))
        func note(_ at: RunInstant, _ what: Event.What) { archive.append(Event(at: at, trial: trial, what)) }
        var cell = ["peering": peering.rawValue]
        for halves in labels.map({ $0.split(separator: "=", maxSplits: 1).map(String.init) }) where halves.count == 2 {
            cell[halves[0]] = halves[1]
        }
        note(origin, .trialStarted(cell: trial % 2, repeatIndex: trial / 2, labels: cell))
        note(kill, .hypothesis(HypothesisResult(moment: .before, held: true, detail: "")))
        note(
            kill,
            .faultInjected(
                Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["west-worker"])))
        note(kill + .seconds(recovery), .nodeReady(cluster: "west", node: "west-worker", status: .unknown))
        note(
            end + .seconds(-3),
            .changeMade(step: "start", action: "start-node", cluster: "west", targets: ["west-worker"]))
        note(end, .trialFinished)
        for (index, mode) in [ConnectionMode.new, .pooled].enumerated() {
            let lane = Lane(
                id: LaneID(rawValue: UInt32(trial * 2 + index + 1)), trial: trial, traffic: "echo", from: "east",
                to: "west", peering: peering, mode: mode, url: "http://echo/", period: .milliseconds(20),
                origin: origin)
            archive.add(lane)
            let until = kill + .seconds(mode == .new ? recovery : 2 + generator.unit())
            archive.append(samples(lane, bad: Interval(start: kill, end: until), end: end))
        }
    }

    private func samples(_ lane: Lane, bad: Interval, end: RunInstant) -> [Sample] {
        let count = UInt64((end - lane.origin).inNanoseconds / lane.periodNanoseconds)
        return (0..<count).map { sequence in
            let due = lane.due(sequence)
            let isBad = bad.contains(due) && sequence % 4 != 0
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due,
                done: due + .milliseconds(isBad ? 2000 : 3), outcome: isBad ? .connectTimeout : .ok)
        }
    }
}
