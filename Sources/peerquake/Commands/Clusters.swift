import ArgumentParser
import QuakeEnvironment
import QuakeKind
import QuakeKube
import QuakeShell
import QuakeTimeline

/// `peerquake clusters up|down|status`.
struct ClustersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clusters", abstract: "Create, inspect and delete kind clusters.",
        discussion: "EXAMPLE\n  peerquake clusters up --config kind-configs/east.yaml --config kind-configs/west.yaml",
        subcommands: [Up.self, Down.self, Status.self])

    /// Where kind runs.
    struct Environment: ParsableArguments {
        @Option(
            help: "Only kind clusters are made; embedded ones exist as long as their process. (default: kind)",
            transform: { text in
                guard let name = EnvironmentName(rawValue: text),
                    Environments.standard.named(name).capabilities.contains(.keepsClusters)
                else {
                    throw ValidationError("allowed: kind. For embedded clusters: peerquake embedded")
                }
                return text
            })
        var env = "kind"

        @Option(
            name: .customLong("kubeconfig"),
            help: "The kubeconfig that contexts are written to; KUBECONFIG or kubectl's default otherwise.",
            transform: Checked.output)
        var givenKubeconfig: String?

        private(set) var settings = Settings()

        /// Reads variables and `peerquake.yaml`. Nothing else may be asked for before.
        ///
        /// - Parameter flags: of the command, besides those of this group.
        mutating func settle(_ flags: [Setting: [String]] = [:]) throws {
            let own = [Setting.environment: [env], .kubeconfig: [givenKubeconfig].compactMap { $0 }]
            settings = try Settings(
                flags: flags.merging(own) { given, _ in given }, environment: Command.inheritedEnvironment)
        }

        var kubeconfig: String? { settings.text(.kubeconfig) }

        func provisioner() throws -> KindProvisioner {
            return try translating { () throws(KindError) in
                try KindProvisioner.detect(kubeconfig: kubeconfig, environment: Command.inheritedEnvironment)
            }
        }
    }

    struct Up: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create clusters, all at once; adopt those that exist.",
            discussion: """
                EXAMPLE
                  peerquake clusters up --env kind --config kind-configs/east.yaml --config kind-configs/west.yaml
                """)

        @OptionGroup var environment: Environment

        @Option(
            name: .customLong("config"), help: "A kind config; repeat it for each cluster.", transform: Checked.file)
        var givenConfigs: [String] = []

        @Option(help: "The node image; kind's own choice otherwise.", transform: Checked.name)
        var image: String?

        @Option(
            name: .customLong("mesh"),
            help: "The mesh to install when all nodes are Ready: standin, istio, solo or none. (default: none)",
            transform: Checked.word(of: Setting.meshes + ["none"]))
        var givenMesh: String?

        @Option(help: ProbersOption.help, transform: Checked.probers)
        var probers = "1"

        @OptionGroup var log: LogOptions

        private var mesh: String { environment.settings.text(.mesh) ?? "none" }

        /// Everything that is needed on this machine.
        ///
        /// - Throws: ``Failure`` with all that is missing, before anything is made.
        private func prerequisites(_ foreign: ForeignMesh?) async throws -> (KindProvisioner, ContainerEngine) {
            var missing = foreign?.missing() ?? []
            var kind: KindProvisioner?
            do {
                kind = try environment.provisioner()
            } catch let failure as Failure {
                missing.insert("\(failure)", at: 0)
            }
            let engine = try await KindPrerequisites(needsImage: mesh != "none", others: missing).checked()
            return (try kind ?? environment.provisioner(), engine)
        }

        /// The configurations, with all that is wrong with all of them.
        private func read() throws -> [KindConfig] {
            var files: [KindConfig] = []
            var problems: [String] = []
            for path in environment.settings.texts(.configs) {
                do throws(KindError) {
                    files.append(try KindConfig.load(path, image: image))
                } catch {
                    problems.append("\(error)")
                }
            }
            guard problems.isEmpty else { throw ConfigFiles.refused(problems) }
            try ConfigFiles.check(files.map { ($0.path, $0.name, $0.isNamed) })
            return files
        }

        mutating func run() async throws {
            log.apply()
            try environment.settle([.configs: givenConfigs, .mesh: [givenMesh].compactMap { $0 }])
            let layout = try ProbersOption.layout(probers)
            let files = try read()
            if files.isEmpty {
                throw Failure(
                    .usage,
                    "--config is missing: one for each cluster (peerquake plans copy writes some into kind-configs/)")
            }
            for file in files { for warning in file.warnings { complain(warning) } }
            let foreign = ForeignMesh(mesh, kubeconfig: environment.kubeconfig)
            let (kind, engine) = try await prerequisites(foreign)
            let existing = Set(try await kind.clusters())
            let network = engine.network(environment: Command.inheritedEnvironment)
            var newNetwork: String?
            if await !engine.has(network: network) { newNetwork = network }
            let began = ContinuousClock.now
            for file in files {
                complain("\(file.name): \(existing.contains(file.name) ? "adopting" : "creating") it", .info)
            }
            var problems: [String] = []
            var unready: [String] = []
            await withTaskGroup(of: (String, Result<KindProvisioner.Standing, any Error>).self) { group in
                for file in files {
                    group.addTask { [image, engine, newNetwork] in
                        do {
                            let standing = try await kind.up(
                                file, image: image, existing: existing, engine: engine, newNetwork: newNetwork)
                            return (file.name, .success(standing))
                        } catch {
                            return (file.name, .failure(error))
                        }
                    }
                }
                for await (name, result) in group {
                    let seconds = Int((ContinuousClock.now - began) / .seconds(1))
                    switch result {
                    case .success(let standing):
                        say("\(name): \(standing.words), after \(seconds) s (context kind-\(name))")
                        if standing.ready < standing.nodes { unready.append(name) }
                    case .failure(let error):
                        problems.append("\(name): \(error)")
                        if files.count > 1 { complain("\(name): not made, after \(seconds) s; waiting for the others") }
                    }
                }
            }
            guard problems.isEmpty else { throw Failure(.unavailable, problems.joined(separator: "\n")) }
            guard mesh != "none" else { return }
            guard unready.isEmpty else {
                let clusters = files.map { "--cluster \($0.name)=kind-\($0.name)" }.joined(separator: " ")
                throw Failure(
                    .unavailable,
                    "\(mesh) is not installed: its pods cannot run before nodes of \(unready.sorted().joined(separator: ", ")) are Ready",
                    hint: "Install a CNI there, then: peerquake mesh install --mesh \(mesh) \(clusters)")
            }
            let contexts = try ClusterBinding.bind(
                files.map { "\($0.name)=kind-\($0.name)" }, kubeconfig: environment.kubeconfig)
            complain("\(mesh): installing it on \(files.map(\.name).joined(separator: ", "))", .info)
            if let foreign {
                try await foreign.install(contexts, backends: [], probers: layout)
            } else {
                try await MeshSetup.install(contexts, probers: layout)
            }
            say("\(mesh): installed on \(files.map(\.name).joined(separator: ", "))")
        }
    }

    struct Down: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete clusters: those named, or all that Peerquake made.",
            discussion: "EXAMPLES\n  peerquake clusters down\n  peerquake clusters down east")

        @OptionGroup var environment: Environment

        @Argument(help: "Names of clusters.", transform: Checked.name)
        var names: [String] = []

        @OptionGroup var log: LogOptions

        mutating func run() async throws {
            log.apply()
            try environment.settle()
            do {
                let provisioner = try environment.provisioner()
                let networks = try await provisioner.madeNetworks(names)
                let gone = try await provisioner.down(names)
                let engine = try await ContainerEngine.detect(environment: Command.inheritedEnvironment)
                for name in gone { try await KindLoadBalancers(engine).remove(cluster: name) }
                for network in networks { await engine.removeUnused(network: network) }
                say(gone.isEmpty ? "nothing to delete" : "deleted \(gone.joined(separator: ", "))")
            } catch let error as KindError {
                throw Failure(error.code == .config ? .usage : .unavailable, "\(error)")
            }
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the clusters and their state.",
            discussion: "EXAMPLE\n  peerquake clusters status")

        @OptionGroup var environment: Environment

        mutating func run() async throws {
            try environment.settle()
            let all = try await environment.provisioner().status()
            if all.isEmpty { say("no kind clusters") }
            for cluster in all {
                if let problem = cluster.problem {
                    say("\(cluster.name): \(problem)")
                } else {
                    let maker = cluster.isOurs ? "made by Peerquake" : "not made by Peerquake"
                    say(
                        "\(cluster.name): \(cluster.version), \(cluster.ready) of \(cluster.nodes) nodes Ready, \(maker)"
                    )
                }
            }
        }
    }
}

/// A missing tool and a broken configuration are problems of usage.
private func translating<Value>(_ body: () throws(KindError) -> Value) throws -> Value {
    do throws(KindError) {
        return try body()
    } catch {
        throw Failure(error.code == .noEngine ? .unavailable : .usage, "\(error)")
    }
}
