import ArgumentParser
import QuakeEnvironment
import QuakeKube
import QuakeShell

/// Where the clusters are, what is under test, and where the archive goes: what `peerquake.yaml` may have defaults of.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: "Where the clusters are: embedded, kind or kubeconfig. (default: embedded)",
        transform: Checked.word(of: EnvironmentName.allCases.map(\.rawValue)))
    var env: String?

    @OptionGroup var shapes: ShapeOptions

    @Option(help: "The kubeconfig of existing clusters.", transform: Checked.kubeconfig)
    var kubeconfig: String?

    @Option(
        name: .customLong("cluster"), help: "NAME=CONTEXT; by default the context of the cluster's own name.",
        transform: ClusterArgument.read)
    var bindings: [ClusterArgument] = []

    @Option(
        help: "A context that may be broken although it is neither kind nor embedded.", transform: Checked.name)
    var allowContext: [String] = []

    @Option(
        help: "Where requests come from: host (this process) or pod (a prober in the client cluster). (default: host)",
        transform: Checked.word(of: Setting.places))
    var probeFrom: String?

    @Option(
        help: "The mesh under test: standin, istio or solo; by default the one that the clusters have.",
        transform: Checked.word(of: Setting.meshes))
    var mesh: String?

    @Option(help: "Where the archive goes; runs/ID by default.", transform: Checked.newDirectory)
    var out: String?

    func validate() throws { try ClusterArgument.check(bindings) }

    /// The values in force.
    ///
    /// - Throws: ``Failure``, of usage, with every problem of variables and file.
    func settings() throws -> Settings { try Settings(flags: flags, environment: Command.inheritedEnvironment) }

    /// The values of the command line alone.
    var ownSettings: Settings { Settings(flags: flags) }

    private var flags: [Setting: [String]] {
        [
            .environment: [env].compactMap { $0 }, .configs: shapes.configs, .timing: [shapes.timing].compactMap { $0 },
            .kubeconfig: [kubeconfig].compactMap { $0 },
            .contexts: bindings.map(\.text), .allowContexts: allowContext, .probeFrom: [probeFrom].compactMap { $0 },
            .mesh: [mesh].compactMap { $0 }, .out: [out].compactMap { $0 },
        ]
    }
}
