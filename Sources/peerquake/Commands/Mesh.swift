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

    static let known = ["standin", "istio", "solo"]

    /// Which clusters, and which mesh.
    struct Target: ParsableArguments {
        @Option(
            help: "standin, istio or solo; only the stand-in comes with Peerquake. (default: standin)",
            transform: Checked.word(of: MeshCommand.known))
        var mesh = "standin"

        @Option(help: "The kubeconfig; KUBECONFIG by default.", transform: Checked.kubeconfig)
        var kubeconfig: String?

        @Option(
            name: .customLong("cluster"), help: "NAME=CONTEXT; by default every context by its own name.",
            transform: ClusterArgument.read)
        var clusters: [ClusterArgument] = []

        func validate() throws { try ClusterArgument.check(clusters) }

        func contexts() throws -> [String: Kubeconfig.Context] {
            return try ClusterBinding.bind(clusters, kubeconfig: kubeconfig)
        }
    }

    struct Install: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the mesh to the clusters and peer them.",
            discussion: """
                EXAMPLES
                  peerquake mesh install --mesh standin --kubeconfig kc
                  peerquake mesh install --mesh istio --cluster east=kind-east --cluster west=kind-west --backend west
                """)

        @OptionGroup var target: Target

        @Option(help: ProbersOption.help, transform: Checked.probers)
        var probers = "1"

        @Option(
            help: "With istio or solo: a cluster whose backend answers; by default the last by name alone.",
            transform: Checked.name)
        var backend: [String] = []

        func validate() throws {
            guard let first = backend.first, target.mesh == "standin" else { return }
            throw ValidationError("--backend \(first): the stand-in answers in every cluster; leave it out")
        }

        func run() async throws {
            let layout = try ProbersOption.layout(probers)
            let contexts = try target.contexts()
            if let foreign = ForeignMesh(target.mesh, kubeconfig: target.kubeconfig) {
                try await foreign.install(contexts, backends: backend, probers: layout)
            } else {
                try await MeshSetup.install(contexts, probers: layout)
            }
            say("installed")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete everything that install made.",
            discussion: "EXAMPLE\n  peerquake mesh remove --kubeconfig kc")

        @OptionGroup var target: Target

        func run() async throws {
            let contexts = try target.contexts()
            if let foreign = ForeignMesh(target.mesh, kubeconfig: target.kubeconfig) {
                try await foreign.remove(contexts)
            } else {
                try await MeshSetup.remove(contexts)
            }
            say("removed")
        }
    }
}

/// The option of how many probers there are.
enum ProbersOption {
    static let help: ArgumentHelp =
        "Probers in each cluster: a number, or zones for one in each; they share every lane's rate. (default: 1)"

    static func layout(_ text: String) throws -> ProberLayout {
        guard let layout = ProberLayout(text) else {
            throw Failure(.usage, "--probers \(text): allowed: 1 to 50, or zones")
        }
        return layout
    }
}

/// The stand-in's installation, with what each environment adds to it.
enum MeshSetup {
    static func install(_ contexts: [String: Kubeconfig.Context], probers: ProberLayout) async throws {
        let kinds = try await kindClusters(contexts)
        try await translating {
            if !kinds.isEmpty {
                let kind = try KindProvisioner.detect(kubeconfig: nil, environment: Command.inheritedEnvironment)
                for here in kinds { try await kind.load(MeshNames.image, into: here.name, from: here.engine) }
            }
            // Embedded clusters run no foreign process: their prober is the runner's.
            try await installer(contexts, kinds, probers: kinds.isEmpty ? nil : probers)
                .install(token: PeeringToken.random())
        }
    }

    /// What Istio's or Solo's mesh, which is there, carries for a plan.
    static func installGuests(
        of distribution: IstioPeering.Distribution, _ contexts: [String: Kubeconfig.Context], backends: Set<String>,
        probers: ProberLayout
    ) async throws {
        let kinds = try await kindClusters(contexts)
        try await translating {
            if !kinds.isEmpty {
                let kind = try KindProvisioner.detect(kubeconfig: nil, environment: Command.inheritedEnvironment)
                for here in kinds { try await kind.load(MeshNames.image, into: here.name, from: here.engine) }
            }
            try await installer(contexts, [], probers: probers).installGuests(of: distribution, backends: backends)
        }
    }

    static func remove(_ contexts: [String: Kubeconfig.Context]) async throws {
        let kinds = try await kindClusters(contexts)
        try await translating { try await installer(contexts, kinds).remove() }
    }

    private static func installer(
        _ contexts: [String: Kubeconfig.Context], _ kinds: [KindHere], probers: ProberLayout? = nil
    ) -> MeshInstaller {
        MeshInstaller(
            clusters: contexts.mapValues { KubeClient($0) },
            loadBalancers: kinds.first.map { KindLoadBalancers($0.engine, network: $0.network) },
            probers: probers)
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
    static func bind(_ arguments: [ClusterArgument], kubeconfig: String?) throws -> [String: Kubeconfig.Context] {
        for argument in arguments {
            do {
                _ = try bind([argument.text], kubeconfig: kubeconfig)
            } catch let failure as Failure {
                throw Failure(failure.code, "--cluster \(argument.text): \(failure.message)", hint: failure.hint)
            }
        }
        return try bind(arguments.map(\.text), kubeconfig: kubeconfig)
    }

    /// As above, of texts that the command line or a journal has.
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
        let known = Set(config.contexts.map(\.name) + config.unusable.map(\.name))
        if pairs.isEmpty { try tellUnusable(config) }
        for (name, wanted) in pairs.isEmpty ? own(config) : pairs.map({ split($0, known) }) {
            bound[name] = try config.context(wanted)
        }
        return bound
    }

    /// Every context by its own name; kind's by their clusters'.
    private static func own(_ config: Kubeconfig) -> [(String, String)] {
        config.contexts.map { (kindName($0.name) ?? $0.name, $0.name) }
    }

    /// `NAME=CONTEXT`, or a context's name, which may have an equals sign too, or that of a kind cluster.
    private static func split(_ pair: String, _ known: Set<String>) -> (String, String) {
        if known.contains(pair) { return (pair, pair) }
        let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
        if sides.count > 1 { return (sides[0], sides[1]) }
        return (pair, known.contains("kind-\(pair)") ? "kind-\(pair)" : pair)
    }

    /// Every context is meant, and some cannot be used: they keep nobody from the others.
    private static func tellUnusable(_ config: Kubeconfig) throws(KubeError) {
        let reasons = config.unusable.map { "context \"\($0.name)\" is left out: \($0.reason)" }
        if config.contexts.isEmpty, !reasons.isEmpty {
            throw KubeError(.config, "no context can be used\n" + reasons.joined(separator: "\n"))
        }
        for reason in reasons { complain(reason) }
    }

    /// Whether a context that cannot be used says at least where its API server is: what may be kept there stays.
    static func leavesOutServers(_ kubeconfig: String) throws -> Bool {
        do throws(KubeError) {
            return try Kubeconfig.load(path: kubeconfig, environment: Command.inheritedEnvironment)
                .unusable.contains(where: \.hasServer)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }

    /// The name of the cluster that kind wrote a context for.
    static func kindName(_ context: String) -> String? {
        context.hasPrefix("kind-") ? String(context.dropFirst("kind-".count)) : nil
    }
}
