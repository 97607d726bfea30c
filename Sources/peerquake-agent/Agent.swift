import ArgumentParser
import Dispatch
import FoundationEssentials
import QuakeKube
import QuakeMeshAgent
import QuakeProbePod
import QuakeVersion

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One part of the stand-in mesh, as the only process of a container.
@main
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerquake-agent",
        abstract: "One part of the stand-in mesh.",
        discussion: "Settings come from PEERQUAKE_… variables, as the mesh's manifests set them.",
        version: Version.words(of: "peerquake-agent"))

    @Argument(help: "echo, gateway, balancer, istiod, loadbalancer or prober.")
    var role: String

    func run() async throws {
        let running = try await start(Command.inheritedEnvironment)
        for await _ in Self.terminations() { break }
        await running.terminate()
    }

    private func start(_ environment: [String: String]) async throws -> any MeshRole {
        if role == "prober" {
            return try await ProberServer(
                address: environment["PEERQUAKE_POD_IP"] ?? "0.0.0.0",
                folder: environment["PEERQUAKE_RECORDS"] ?? "/tmp", on: SystemNetwork())
        }
        guard let role = MeshProgram.Role(rawValue: role) else {
            let known = MeshProgram.Role.allCases.map(\.rawValue) + ["prober"]
            throw ValidationError("no role \"\(role)\"; allowed: \(known.joined(separator: ", "))")
        }
        return try await MeshProgram.start(
            role, environment: environment, kube: PodAccount.context(environment).map { KubeClient($0) },
            on: SystemNetwork())
    }

    private static func terminations() -> AsyncStream<Void> {
        AsyncStream { output in
            signal(SIGTERM, SIG_IGN)
            // A dispatch source may be cancelled from any thread.
            nonisolated(unsafe) let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
            source.setEventHandler { output.yield() }
            source.resume()
            output.onTermination = { _ in source.cancel() }
        }
    }
}
