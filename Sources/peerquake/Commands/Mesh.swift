import ArgumentParser
import QuakeKind
import QuakeKube
import QuakeMesh
import QuakeTimeline

/// `peerquake mesh install|remove`.
struct MeshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mesh", abstract: "Install or remove the mesh under test.",
        discussion: "EXAMPLE\n  peerquake mesh install --mesh standin --kubeconfig kc",
        subcommands: [Install.self, Remove.self])

    /// Which clusters, and which mesh.
    struct Target: ParsableArguments {
        @Option(help: "Only the stand-in comes with Peerquake.")
        var mesh = "standin"

        @Option(help: "The kubeconfig; KUBECONFIG by default.")
        var kubeconfig: String?

        @Option(name: .customLong("cluster"), help: "NAME=CONTEXT; by default every context by its own name.")
        var clusters: [String] = []

        func contexts() throws -> [String: Kubeconfig.Context] {
            guard mesh == "standin" else {
                throw Failure(
                    .usage, "--mesh \(mesh): not available; allowed: standin",
                    hint: "Istio and Solo are installed by their own tools; see docs/fidelity.md.")
            }
            return try ClusterBinding.bind(clusters, kubeconfig: kubeconfig)
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the mesh to the clusters and peer them.",
            discussion: "EXAMPLE\n  peerquake mesh install --mesh standin --kubeconfig kc")

        @OptionGroup var target: Target

        func run() async throws {
            try await MeshSetup.install(target.contexts())
            print("installed")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete everything that install made.",
            discussion: "EXAMPLE\n  peerquake mesh remove --kubeconfig kc")

        @OptionGroup var target: Target

        func run() async throws {
            try await MeshSetup.remove(target.contexts())
            print("removed")
        }
    }
}

/// The stand-in's installation, with what each environment adds to it.
enum MeshSetup {
    static func install(_ contexts: [String: Kubeconfig.Context]) async throws {
        let kinds = try await kindClusters(contexts)
        try await translating {
            if !kinds.isEmpty {
                let kind = try KindProvisioner.detect(kubeconfig: nil, environment: Command.inheritedEnvironment)
                for here in kinds { try await kind.load(MeshNames.image, into: here.name, from: here.engine) }
            }
            try await installer(contexts, kinds).install(token: PeeringToken.random())
        }
    }

    static func remove(_ contexts: [String: Kubeconfig.Context]) async throws {
        let kinds = try await kindClusters(contexts)
        try await translating { try await installer(contexts, kinds).remove() }
    }

    private static func installer(
        _ contexts: [String: Kubeconfig.Context], _ kinds: [KindHere]
    ) -> MeshInstaller {
        MeshInstaller(
            clusters: contexts.mapValues { KubeClient($0) },
            loadBalancers: kinds.first.map { KindLoadBalancers($0.engine, network: $0.network) },
            // Embedded clusters run no foreign process: their prober is the runner's.
            withProbers: !kinds.isEmpty)
    }

    private static func kindClusters(_ contexts: [String: Kubeconfig.Context]) async throws -> [KindHere] {
        var found: [KindHere] = []
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            do {
                if let here = try await KindHere.find(context, KubeClient(context)) { found.append(here) }
            } catch let error as KubeError {
                throw Failure(.unavailable, "\(name): \(error)")
            }
        }
        return found
    }

    private static func translating(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KindError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as KubeError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as MeshError {
            throw Failure(.unavailable, "\(error)")
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
    /// - Parameter pairs: `NAME=CONTEXT`, or `NAME` alone for the context of that name, or else of the kind cluster of
    ///   that name; none means every context.
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
        let known = Set(config.contexts.map(\.name))
        let own = config.contexts.map { context in
            kindName(context.name).map { "\($0)=\(context.name)" } ?? context.name
        }
        for pair in pairs.isEmpty ? own : pairs {
            let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
            let wanted = sides.count > 1 ? sides[1] : sides[0]
            let isKind = sides.count == 1 && !known.contains(wanted) && known.contains("kind-\(wanted)")
            bound[sides[0]] = try config.context(isKind ? "kind-\(wanted)" : wanted)
        }
        return bound
    }

    /// The name of the cluster that kind wrote a context for.
    static func kindName(_ context: String) -> String? {
        context.hasPrefix("kind-") ? String(context.dropFirst("kind-".count)) : nil
    }
}
