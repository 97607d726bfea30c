import ArgumentParser
import QuakeKube
import QuakeMesh
import QuakeTimeline

/// `peerquake mesh install|remove`.
struct MeshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mesh", abstract: "Install or remove the mesh under test.",
        subcommands: [Install.self, Remove.self])

    /// Which clusters, and which mesh.
    struct Target: ParsableArguments {
        @Option(help: "Only the stand-in comes with Peerquake.")
        var mesh = "standin"

        @Option(help: "The kubeconfig; KUBECONFIG by default.")
        var kubeconfig: String?

        @Option(name: .customLong("cluster"), help: "NAME=CONTEXT; by default every context by its own name.")
        var clusters: [String] = []

        func installer() throws -> MeshInstaller {
            guard mesh == "standin" else {
                throw Failure(
                    .usage, "--mesh \(mesh): not available; allowed: standin",
                    hint: "Istio and Solo are installed by their own tools; see docs/fidelity.md.")
            }
            let bound = try ClusterBinding.bind(clusters, kubeconfig: kubeconfig)
            return MeshInstaller(clusters: bound.mapValues { KubeClient($0) })
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the mesh to the clusters and peer them.",
            discussion: "EXAMPLE\n  peerquake mesh install --mesh standin --kubeconfig kc")

        @OptionGroup var target: Target

        func run() async throws {
            try await target.installer().install(token: PeeringToken.random())
            print("installed")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete everything that install made.")

        @OptionGroup var target: Target

        func run() async throws {
            try await target.installer().remove()
            print("removed")
        }
    }
}

/// What balancers prove themselves with to their peers' istiod.
enum PeeringToken {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next(), radix: 16) }.joined()
    }
}

/// Names of a plan's clusters → contexts of a kubeconfig.
enum ClusterBinding {
    /// - Parameter pairs: `NAME=CONTEXT`, or `NAME` alone for a context of that name.
    static func bind(_ pairs: [String], kubeconfig: String?) throws -> [String: Kubeconfig.Context] {
        do throws(KubeError) {
            return try look(pairs, in: Kubeconfig.load(path: kubeconfig, environment: Command.inheritedEnvironment))
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    private static func look(
        _ pairs: [String], in config: Kubeconfig
    ) throws(KubeError) -> [String: Kubeconfig.Context] {
        var bound: [String: Kubeconfig.Context] = [:]
        for pair in pairs.isEmpty ? config.contexts.map(\.name) : pairs {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            bound[sides[0]] = try config.context(sides.count > 1 ? sides[1] : sides[0])
        }
        return bound
    }
}
