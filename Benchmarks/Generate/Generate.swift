import ArgumentParser

/// Writes archives of runs that never were, as runs write them: for measuring how long reading one takes, and for looking
/// at reports and comparisons.
@main
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Write the archive of a run that never was.",
        subcommands: [LongRun.self, RepeatedRun.self, LargeCluster.self], defaultSubcommand: LongRun.self)
}
