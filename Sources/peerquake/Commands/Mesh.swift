import ArgumentParser
import QuakeEnvironment
import QuakeKube
import QuakeMeshInstall
import QuakeShell
import QuakeTimeline

/// `peerquake mesh install|remove`.
struct MeshCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mesh", abstract: "Install or remove the mesh under test.",
        discussion: "EXAMPLE\n  peerquake mesh install --mesh standin --kubeconfig kc",
        subcommands: [Install.self, Remove.self])

    /// Which clusters, and which mesh.
    struct Target: ParsableArguments {
        @Option(
            name: .customLong("mesh"),
            help: "standin, istio or solo; only the stand-in comes with Peerquake. (default: standin)",
            transform: Checked.word(of: Setting.meshes))
        var givenMesh: String?

        @Option(
            name: .customLong("kubeconfig"), help: "The kubeconfig; KUBECONFIG by default.",
            transform: Checked.kubeconfig)
        var givenKubeconfig: String?

        @Option(
            name: .customLong("cluster"), help: "NAME=CONTEXT; by default every context by its own name.",
            transform: ClusterArgument.read)
        var clusters: [ClusterArgument] = []

        @OptionGroup var log: LogOptions

        private(set) var settings = Settings()

        func validate() throws { try ClusterArgument.check(clusters) }

        /// Reads variables and `peerquake.yaml`. Nothing else may be asked for before.
        mutating func settle() throws {
            log.apply()
            settings = try Settings(
                flags: [
                    .mesh: [givenMesh].compactMap { $0 }, .kubeconfig: [givenKubeconfig].compactMap { $0 },
                    .contexts: clusters.map(\.text),
                ], environment: Command.inheritedEnvironment)
        }

        var mesh: String { settings.text(.mesh) ?? "standin" }
        var kubeconfig: String? { settings.text(.kubeconfig) }

        func contexts() throws -> [String: Kubeconfig.Context] {
            try ClusterBinding.bind(settings.contexts(), kubeconfig: kubeconfig)
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
            help: "With istio or solo: a cluster whose backend answers; by default only the last by name.",
            transform: Checked.name)
        var backend: [String] = []

        @Option(
            help: "With istio: KEY=VALUE for istioctl; may be repeated.",
            transform: Checked.assignment)
        var set: [String] = []

        @Option(
            help: "With istio: a file with an IstioOperator for istioctl; may be repeated.",
            transform: Checked.file)
        var file: [String] = []

        @Option(
            help: "With istio on kind: an archive of images for every node; may be repeated.",
            transform: Checked.file)
        var imageArchive: [String] = []

        @Flag(help: "With istio: gateways, istiod and its budget as the charts have them.")
        var stock = false

        /// Of scripts/install-istio.
        private var options: [String] {
            (stock ? ["--stock"] : []) + set.flatMap { ["--set", $0] } + file.flatMap { ["--file", $0] }
                + imageArchive.flatMap { ["--image-archive", $0] }
        }

        mutating func run() async throws {
            try target.settle()
            if !options.isEmpty, target.mesh != "istio" {
                throw Failure(.usage, "\(options.prefix(2).joined(separator: " ")): only with --mesh istio")
            }
            if let first = backend.first, target.mesh == "standin" {
                throw Failure(.usage, "--backend \(first): the stand-in answers in every cluster; leave it out")
            }
            let layout = try ProbersOption.layout(probers)
            let contexts = try target.contexts()
            if let foreign = ForeignMesh(target.mesh, kubeconfig: target.kubeconfig) {
                try await foreign.install(contexts, backends: backend, probers: layout, options: options)
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

        mutating func run() async throws {
            try target.settle()
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
