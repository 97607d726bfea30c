import ArgumentParser
import QuakePlan
import QuakeShell
import QuakeTimeline

/// `peerquake soak PLAN`.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Repeat a plan for a given time as trials of one run.",
        discussion: """
            No trial begins that could not be over in time. Ctrl-C ends it early: it heals and reports. Memory stays flat
            however long it takes; a full disk ends it with what was recorded until then. --repeat is ignored.

            EXAMPLES
              peerquake soak quickstart --for 8h --out runs/night
              peerquake soak Plans/rolling-upgrade.yaml --for 2h --until-failure --env kind --junit junit.xml
              peerquake soak Plans/node-blip.yaml --for 8h --env kind --serve-metrics 127.0.0.1:9464
              peerquake report runs/night                   # at any moment, from another terminal

            EXIT CODES
              As those of run, over all repeats; 130 and 143 where it was ended by a signal, and healed.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        name: .customLong("for"), help: ArgumentHelp("How long, as 8h.", valueName: "TIME"), transform: Checked.time)
    var length: String

    @Flag(help: "End after the first trial in which an expectation fails or a fault cannot be injected.")
    var untilFailure = false

    mutating func run() async throws {
        options.log.apply()
        try options.settle()
        let plan = try options.load()
        let time = Quantity.duration(length) ?? .zero
        let soak = Soak(length: time, text: length, untilFailure: untilFailure)
        throw ExitCode(try await options.carryOut(plan, soak: soak).rawValue)
    }
}

/// How long a plan is repeated.
struct Soak: Sendable {
    var length: Duration
    /// As given.
    var text: String
    var untilFailure: Bool

    /// As the archive keeps it.
    var kept: SoakLength {
        SoakLength(milliseconds: length.inMilliseconds, untilFailure: untilFailure)
    }

    /// As the archive keeps them, beside the plan's own.
    var overrides: [String] { ["--for \(text)"] + (untilFailure ? ["--until-failure"] : []) }
}
