import Foundation
import QuakeKube
import Testing

/// Provisions kind clusters with the mesh in them, runs every shipped plan on them, and looks whether they are as before.
///
/// Besides what the other live tests need: kind, a container engine, the image that `scripts/build-agent-image` makes;
/// `PEERQUAKE_NODE_IMAGE` for another node image than kind's own; `PEERQUAKE_LIVE_PLANS`, names with commas between them,
/// for some plans only. All of them take about 90 minutes.
@Suite(
    "Every shipped plan on real kind", .serialized, .timeLimit(.minutes(180)),
    .enabled(if: ProcessInfo.processInfo.environment["PEERQUAKE_LIVE"] == "1", "PEERQUAKE_LIVE=1 is not set"))
struct LivePlanTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static var plans: [String] {
        let wanted = ProcessInfo.processInfo.environment["PEERQUAKE_LIVE_PLANS"]?.split(separator: ",").map(String.init)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Plans").path)) ?? []
        let all = names.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
        return all.filter { wanted?.contains($0) ?? true }
    }

    private func peerquake(
        _ arguments: [String], program: String = "peerquake", timeout: Duration
    ) async throws -> CommandResult {
        let path = Self.root.appending(path: ".build/debug/\(program)").path
        return try await Command([path] + arguments).run(timeout: timeout)
    }

    /// Made, or adopted; the mesh installed.
    private func provision() async throws {
        var arguments = ["clusters", "up", "--env", "kind", "--mesh", "standin"]
        for name in ["east", "west"] {
            arguments += ["--config", Self.root.appending(path: "kind-configs/\(name).yaml").path]
        }
        if let image = ProcessInfo.processInfo.environment["PEERQUAKE_NODE_IMAGE"] { arguments += ["--image", image] }
        let result = try await peerquake(arguments, timeout: .seconds(900))
        try #require(result.succeeded, "\(result.standardError)")
    }

    @Test("gives a verdict and leaves the clusters as they were", arguments: plans)
    func run(plan: String) async throws {
        try await provision()
        let kubeconfig = try #require(ProcessInfo.processInfo.environment["KUBECONFIG"], "KUBECONFIG is not set")
        let folder = FileManager.default.temporaryDirectory.appending(path: "peerquake-live-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = "\(folder)/before"
        let snapshot = try await peerquake(
            ["snapshot", "--kubeconfig", kubeconfig, "--out", before], program: "peerquake-dev", timeout: .seconds(120))
        try #require(snapshot.succeeded, "\(snapshot.standardError)")
        let began = ContinuousClock.now
        let result = try await peerquake(
            [
                "run", Self.root.appending(path: "Plans/\(plan).yaml").path, "--env", "kind", "--repeat", "1", "--out",
                "\(folder)/run",
            ], timeout: .seconds(3600))
        let seconds = Int((ContinuousClock.now - began) / .seconds(1))
        print("| \(plan) | exit \(result.exitCode ?? -1) | \(seconds) s |")
        // A verdict, whichever: pass, fail, or inconclusive.
        #expect([0, 1, 2].contains(result.exitCode), "\(result.standardError.suffix(2000))")
        #expect(FileManager.default.fileExists(atPath: "\(folder)/run/summary.json"))
        let after = try await peerquake(
            ["snapshot", "--kubeconfig", kubeconfig, "--compare", before, "--within", "120"],
            program: "peerquake-dev", timeout: .seconds(300))
        #expect(after.succeeded, "\(after.standardError)")
    }
}
