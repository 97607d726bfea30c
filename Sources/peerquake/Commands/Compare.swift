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
            count; what has no match is listed.

            EXAMPLES
              peerquake compare runs/tonight --baseline runs/last-week
              peerquake compare runs/a runs/b --baseline runs/c --baseline runs/d --html comparison.html
              peerquake compare runs/after --baseline runs/before --across versions --junit compare.xml

            EXIT CODES
              0 nothing is worse, or too few repeats to say; 2 nothing has its match; 3 worse; 64 bad usage.
            """)

    @Argument(help: "Directories of the runs that are judged.", transform: Checked.path)
    var candidates: [String]

    @Option(
        name: .customLong("baseline"),
        help: "The directory of a run that they are compared with; repeat it for several.",
        transform: Checked.path)
    var baselines: [String] = []

    @Option(
        help: "Compare also where these differ: versions, nodes.",
        transform: Checked.words(of: ComparisonKey.Part.allCases.map(\.rawValue)))
    var across: [String] = []

    @OptionGroup var outputs: OutputOptions<RunComparison>

    func validate() throws {
        guard !baselines.isEmpty else {
            throw ValidationError("--baseline is missing. Name the run to compare with: --baseline runs/before")
        }
    }

    func run() throws {
        let comparison = try Comparer(
            candidate: Comparing.runs(candidates), baseline: Comparing.runs(baselines, option: "--baseline"),
            across: Set(across.flatMap { $0.split(separator: ",") }.compactMap { .init(rawValue: String($0)) })
        ).comparison()
        try outputs.write(comparison)
        let environment = Command.inheritedEnvironment
        try Reporting.summarise(ComparisonMarkdown(comparison).text(), environment: environment)
        let text = ComparisonTerminal(comparison, command: words, color: Comparing.isColored(environment)).text()
        print(text, terminator: "")
        throw ExitCode(comparison.exit.rawValue)
    }

    private var words: String {
        let options = baselines.flatMap { ["--baseline", $0] } + across.flatMap { ["--across", $0] }
        return (["peerquake", "compare"] + (candidates + options).map(Comparing.quoted)).joined(separator: " ")
    }
}
