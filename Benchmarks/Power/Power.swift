import ArgumentParser
import Foundation
import QuakeAnalysis

/// How often a comparison cries wolf, and what it finds: repeats drawn from real runs' distributions, compared as
/// `peerquake compare` does.
@main
struct Power: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "power", abstract: "Simulate comparisons of real distributions.",
        discussion: """
            The distributions are a side of what `peerquake compare --json` wrote. Exits with 1 if more than 1 % of the \
            comparisons of sides that do not differ find something worse, or if a doubled recovery of a `new` lane is \
            found less than 95 % of the time.
            """)

    @Argument(help: "A comparison's JSON.")
    var file: String

    @Option(help: "The side whose repeats are drawn: baseline or candidate.")
    var side = "candidate"

    @Option(help: "Repeats per side.")
    var repeats = Comparer.leastRepeats

    @Option(help: "Comparisons of sides that do not differ.")
    var comparisons = 20_000

    @Option(help: "Comparisons for each factor.")
    var draws = 1000

    @Option(help: "Of every draw.")
    var seed: UInt64 = 1

    private static let falseAlarms = 0.01
    private static let power = 0.95

    func run() throws {
        let distributions = try Distribution.read(file, side: side)
        let most = distributions.map(\.repeats.count)
        print(
            "\(distributions.count) keys, \(distributions.count * Measure.tested.count) tests a comparison; distributions "
                + "of \(most.min() ?? 0) to \(most.max() ?? 0) real repeats, \(repeats) drawn for each side")
        var simulation = Simulation(distributions, repeats: repeats, seed: seed)
        let alarms = falseAlarms(&simulation)
        let found = power(&simulation)
        guard alarms <= Self.falseAlarms, found >= Self.power else { throw ExitCode(1) }
    }

    private func falseAlarms(_ simulation: inout Simulation) -> Double {
        var alarms = 0
        for _ in 0..<comparisons {
            let compared = simulation.compare()
            if compared.count(.worse) > 0 { alarms += 1 }
        }
        let share = Double(alarms) / Double(comparisons)
        print(
            "sides that do not differ: something worse in \(alarms) of \(comparisons) comparisons, \(Self.percent(share)) "
                + "(at most \(Self.percent(Self.falseAlarms)))")
        return share
    }

    /// - Returns: the least power for a doubled recovery on a `new` lane.
    private func power(_ simulation: inout Simulation) -> Double {
        print("| key | recovery twice as long: found | smallest factor found, recovery | smallest factor found, loss |")
        print("|---|---:|---:|---:|")
        var least = 1.0
        for index in simulation.distributions.indices {
            let key = simulation.distributions[index].key
            let doubled = simulation.share(worse: index, .recovery, times: 2, of: draws)
            if key.lane.hasSuffix("/new") { least = min(least, doubled) }
            let factors = Measure.tested.map { measure in
                simulation.smallestFactor(index, measure, power: Self.power, draws: draws)
                    .map { Self.decimals($0) } ?? "none up to \(Int(Simulation.largestFactor))"
            }
            print("| \(key.words) | \(Self.percent(doubled)) | \(factors.joined(separator: " | ")) |")
        }
        print(
            "a factor is found where a comparison calls the key worse in \(Self.percent(Self.power)) of \(draws) draws; "
                + "recovery and loss are stretched one at a time")
        return least
    }

    private static func percent(_ share: Double) -> String { decimals(share * 100) + " %" }

    private static func decimals(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
