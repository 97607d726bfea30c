import ArgumentParser
import Dispatch
import FoundationEssentials
import QuakeKube
import QuakeMeshAgent
import QuakeProbePod

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
        discussion: "Settings come from PEERQUAKE_… variables, as the mesh's manifests set them.")

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
            role, environment: environment, kube: Self.ownCluster(environment).map { KubeClient($0) },
            on: SystemNetwork())
    }

    /// The API server of the cluster that the pod runs in, by its service account.
    private static func ownCluster(_ environment: [String: String]) -> Kubeconfig.Context? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"]
        else {
            return nil
        }
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        return Kubeconfig.Context(
            name: "in-cluster",
            cluster: .init(
                name: "in-cluster", server: "https://\(host):\(port)", certificateAuthority: .file("\(folder)/ca.crt")),
            user: .init(name: "in-cluster", tokenFile: "\(folder)/token"))
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
