import ArgumentParser
import QuakeTimeline

/// Random faults, scheduled to the microsecond, between the prober and a server that logs when each answer left: every
/// slot's verdict, every outage's bounds, and every silence are held against them.
@main
struct Truth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truth", abstract: "Hold the prober against scheduled faults.",
        subcommands: [HoldCommand.self, ServeCommand.self], defaultSubcommand: HoldCommand.self)
}

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The server behind the faults; `hold` starts it.", shouldDisplay: false)

    @Option var faults: Int
    @Option var seed: UInt64
    @Option var start: Int64

    func run() throws {
        try ServerProcess.serve(faults: faults, seed: seed, start: start, slow: HoldCommand.deadline.inNanoseconds * 2)
    }
}
