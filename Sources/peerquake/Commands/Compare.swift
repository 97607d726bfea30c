import ArgumentParser
import QuakeAnalysis
import QuakeKube
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake compare CANDIDATE… --baseline RUN`.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Say whether runs are worse than a baseline, key by key.",
        discussion: """
            Several candidates, and several baselines, are pooled. A verdict needs ten repeats of a key on each side; with fewer \
            it is unknown. Keys are compared that agree in plan, step, peering, lane, matrix cell, versions and node \
            count; what has no match is listed, with what prevents it. --across NAME compares also what differs in a matrix \
            key or a setting (peering, nodeMonitorGracePeriod, ...), in versions, or in nodes. Without --baseline it compares \
            the values of a matrix key within the same runs: with the plan's earlier ones.

            EXAMPLES
              peerquake compare runs/tonight --baseline runs/last-week
              peerquake compare runs/a runs/b --baseline runs/c --baseline runs/d --html comparison.html
              peerquake compare runs/after --baseline runs/before --across versions --junit compare.xml
              peerquake compare runs/16s --baseline runs/40s --across nodeMonitorGracePeriod
              peerquake compare runs/tonight --across peering

            EXIT CODES
              0 nothing is worse, or too few repeats to say; 2 nothing has its match; 3 worse; 64 bad usage.
            """)

    @Argument(help: "Directories of the runs to judge.", transform: Checked.path)
    var candidates: [String]

    @Option(
        name: .customLong("baseline"),
        help: "The directory of a run that they are compared with; repeat it for several.",
        transform: Checked.path)
    var baselines: [String] = []

    @Option(
        help: "Also compare keys that differ in these: versions, nodes, peering, any matrix key or setting.",
        transform: Checked.names)
    var across: [[String]] = []

    @OptionGroup var outputs: OutputOptions<RunComparison>

    func validate() throws {
        guard baselines.isEmpty, Across(across.flatMap { $0 }).axes.isEmpty else { return }
        throw ValidationError(
            "--baseline is missing. Name the run to compare with: --baseline runs/before, or a matrix key whose values "
                + "are to be compared within the runs: --across peering")
    }

    func run() throws {
        let candidate = try Comparing.runs(candidates)
        let baseline = baselines.isEmpty ? candidate : try Comparing.runs(baselines, option: "--baseline")
        let across = try Comparing.across(across.flatMap { $0 }, candidate + baseline)
        let comparison = Comparer(candidate: candidate, baseline: baseline, across: across).comparison()
        try outputs.write(comparison)
        let environment = Command.inheritedEnvironment
        try Reporting.summarise(ComparisonMarkdown(comparison).text(), environment: environment)
        let text = ComparisonTerminal(
            comparison, command: words, color: Comparing.isColored(environment),
            width: PageWidth(Console.columns(of: 1))
        ).text()
        print(text, terminator: "")
        throw ExitCode(comparison.exit.rawValue)
    }

    private var words: String {
        let names = across.map { $0.joined(separator: ",") }
        let options = baselines.flatMap { ["--baseline", $0] } + names.flatMap { ["--across", $0] }
        return (["peerquake", "compare"] + (candidates + options).map(Comparing.quoted)).joined(separator: " ")
    }
}
