import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// An archive as a run of `Plans/compare/gateway-kill.yaml` would leave it, of made-up recoveries.
struct MadeRun {
    var name: String
    var repeats = 10
    /// Each `new` lane's recovery is about so many times 4.5 s; a `pooled` lane takes 2 s.
    var factor = 1.0
    var seed = 1
    /// After 2026-01-31T02:15:00Z.
    var day = 0
    /// `NAME=VALUE` that it was given.
    var settings: [String] = []
    /// `NAME=VALUE` of its matrix, besides peering.
    var labels: [String] = []
    var version = "v1.35.0"

    /// Writes it below `folder` and returns its directory.
    func write(_ folder: TemporaryDirectory) async throws -> String {
        let directory = "\(folder.path)/\(name)"
        let plan = BuiltCommand.root.appending(path: "Plans/compare/gateway-kill.yaml").path
        let options = [
            "--plan", plan, "--repeats", "\(repeats)", "--factor", "\(factor)", "--seed", "\(seed)", "--day", "\(day)",
            "--kubernetes", version, "--out", directory,
        ]
        let result = try await Command(
            [BuiltCommand.path("generate"), "repeats"] + options + settings.flatMap { ["--set", $0] }
                + labels.flatMap { ["--label", $0] }
        ).run(timeout: .seconds(240))
        try #require(result.exitCode == 0, "\(result.standardError)")
        return directory
    }
}
