import ArgumentParser
import QuakeEnvironment
import QuakeShell
import QuakeShipped

/// What shapes embedded clusters that a command makes: kind configs, or the pair that is in the program.
struct ShapeOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "A kind config that shapes an embedded cluster; repeat it for each. (default: the pair of --timing)",
        transform: Checked.file)
    var configs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Make the clusters east and west whose kind configs are in this program: quick, where node failures are noticed ten times sooner, or real. (default: quick)",
            valueName: "quick|real"),
        transform: Checked.word(of: PairTiming.allCases.map(\.rawValue)))
    var timing: String?

    func validate() throws {
        if let timing, !configs.isEmpty {
            throw ValidationError("--timing \(timing): the clusters of --config have their own timings")
        }
    }
}
