import FoundationEssentials
import QuakeEnvironment
import QuakeKube
import QuakeMesh
import QuakeMeshInstall
import QuakeShell
import QuakeTimeline

/// Istio or Solo, installed and removed by their own tools: by `scripts/install-istio` and `scripts/install-solo`, which
/// name what is missing.
struct ForeignMesh: Sendable {
    private let distribution: IstioDistribution
    private let kubeconfig: String?

    /// `nil` for the stand-in.
    init?(_ mesh: String, kubeconfig: String?) {
        guard let distribution = IstioDistribution(rawValue: mesh) else { return nil }
        self.distribution = distribution
        self.kubeconfig = kubeconfig
    }

    /// What its installation needs on this machine and is not there, in words; empty where all is.
    func missing() -> [String] {
        let path = "scripts/install-\(distribution.rawValue)"
        return FileManager.default.isExecutableFile(atPath: path)
            ? [] : ["\(path) is not here\nRun this in the folder of Peerquake's sources."]
    }

    /// - Parameters:
    ///   - backends: clusters whose own backend answers; none: the last by name.
    ///   - options: of the script.
    func install(
        _ contexts: [String: Kubeconfig.Context], backends: [String], probers: ProberLayout, options: [String] = []
    ) async throws {
        if let unknown = backends.first(where: { contexts[$0] == nil }) {
            throw Failure(
                .usage,
                "--backend \(unknown): no such cluster; allowed: \(contexts.keys.sorted().joined(separator: ", "))")
        }
        try await MeshSetup.balancing(contexts, heard: { complain($0) }) { try await script(options, contexts) }
        let serving = backends.isEmpty ? Array(contexts.keys.sorted().suffix(1)) : backends
        try await MeshSetup.installGuests(of: distribution, contexts, backends: Set(serving), probers: probers)
    }

    func remove(_ contexts: [String: Kubeconfig.Context]) async throws {
        try await script(["--remove"], contexts)
        try await MeshSetup.removeLoadBalancers(contexts)
    }

    private func script(_ options: [String], _ contexts: [String: Kubeconfig.Context]) async throws {
        let path = "scripts/install-\(distribution.rawValue)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failure(.usage, "\(path) is not here", hint: "Run this in the folder of Peerquake's sources.")
        }
        let pairs = contexts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.name)" }
        var environment = Command.inheritedEnvironment
        if let kubeconfig { environment["KUBECONFIG"] = kubeconfig }
        let result: CommandResult
        do throws(KubeError) {
            result = try await Command([path] + options + pairs, environment: environment)
                .run(timeout: .seconds(1800)) { _, line in complain(line) }
        } catch {
            throw Failure(.internalError, "\(path): \(error)")
        }
        if result.succeeded { return }
        // Its own last words have been shown.
        let isUsage = result.exitCode == PeerquakeExit.usage.rawValue
        throw Failure(
            isUsage ? .usage : .unavailable,
            result.timedOut ? "\(path) did not end within 30 minutes" : "\(path) failed: see above")
    }
}
