import ArgumentParser
import FoundationEssentials
import QuakeBase
import QuakeEnvironment
import QuakeKube
import QuakeManifests
import QuakeRecord
import QuakeShell
import QuakeTimeline

/// `peerquake manifests`.
struct ManifestsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifests",
        abstract: "Print a resilient configuration of peering, each part with its reason.",
        discussion: """
            Prints YAML documents: the gateway's replicas, placement and budget, istiod's Helm values, NodePools and \
            a kubeadm patch. docs/manifests.md shows them. With --for, what is not given is proposed from what the \
            cluster has; nothing is changed there.

            EXAMPLES
              peerquake manifests --mesh istio --replicas 3
              peerquake manifests --mesh solo --peering NodePort --node-pools pool-a,pool-b --out config
              peerquake manifests --for kind-west --topology-key topology.kubernetes.io/zone
            """)

    @Option(
        help: "istio, solo or standin. (default: with --for, the mesh of the cluster)",
        transform: Checked.word(of: ManifestMesh.allCases.map(\.rawValue)))
    var mesh: String?

    @Option(
        name: .customLong("class"), help: "The east-west Gateway's class. (default: the mesh's)",
        transform: Reader.subdomain)
    var gatewayClass: String?

    @Option(
        help: "NAMESPACE/NAME of the east-west Gateway. (default: istio-eastwest/istio-eastwest)",
        transform: Reader.gateway)
    var gateway: String?

    @Option(
        help: "The container of the gateway's pods, for its preStop hook; needed with solo only.",
        transform: Reader.container)
    var gatewayContainer: String?

    @Option(help: "Gateway pods. (default: 2)", transform: Checked.number(1...100))
    var replicas: Int?

    @Option(
        help: ArgumentHelp(
            "Gateways share no value of this node label; of a second and further ones if they can. "
                + "(default: kubernetes.io/hostname)"), transform: Reader.topologyKey)
    var topologyKey: [String] = []

    @Option(
        help: "KEY or KEY=VALUE of nodes that get no gateway, in addition to control planes; repeatable.",
        transform: Reader.label)
    var excludeLabel: [NodeLabel] = []

    @Option(
        help: "The gateway's budget: maxUnavailable=N, minAvailable=N, or N%. (default: maxUnavailable=1)",
        transform: Reader.budget)
    var budget: BudgetLimit?

    @Option(
        help: ArgumentHelp(
            "Where the budget is written: object, or configmap for a key of the class's ConfigMap. (default: object; "
                + "with --for, configmap where istiod has made one)"),
        transform: Checked.word(of: ManifestParameters.BudgetPlace.allCases.map(\.rawValue)))
    var budgetIn: String?

    @Option(
        help: "LoadBalancer or NodePort. (default: LoadBalancer)",
        transform: Checked.word(of: PeeringMethod.allCases.map(\.rawValue)))
    var peering: String?

    @Option(help: "istiod pods; 1 leaves istiod as it is. (default: 2)", transform: Checked.number(1...100))
    var istiodReplicas: Int?

    @Option(
        help: ArgumentHelp(
            "NodePools with the age at which their nodes expire: NAME=720h,NAME=Never,NAME; without an age they "
                + "get 720h, 696h and so on."), transform: Reader.pools)
    var nodePools: [PoolExpiry]?

    @Option(
        help: "GROUP/KIND/NAME of the node class of NodePools. (default: karpenter.k8s.aws/EC2NodeClass/default)",
        transform: Reader.nodeClass)
    var nodeClass: NodeClassReference?

    @Option(
        help: "How long a node may be silent before it is NotReady, for example 40s. (default: with NodePort 50s)",
        transform: Reader.time)
    var gracePeriod: Duration?

    @Option(
        name: .customLong("for"), help: "A context: propose from what this cluster has, and check against it.",
        transform: Checked.name)
    var context: String?

    @Option(help: "The kubeconfig of --for; KUBECONFIG by default.", transform: Checked.kubeconfig)
    var kubeconfig: String?

    @Option(help: "Write each part to a file of this directory.", transform: Checked.newDirectory)
    var out: String?

    @Flag(help: "Print one JSON object: blocks with kind, file, usage, reasons and body, and warnings.")
    var json = false

    func validate() throws {
        if mesh == nil, context == nil {
            throw ValidationError("--mesh istio, solo or standin is missing; or --for CONTEXT, which finds it out")
        }
        if mesh == ManifestMesh.standin.rawValue, let gatewayClass {
            throw ValidationError("--class \(gatewayClass): the stand-in's gateways have no class")
        }
        if Set(topologyKey).count < topologyKey.count { throw ValidationError("--topology-key: a key is given twice") }
        if json, out != nil { throw ValidationError("--json and --out exclude each other") }
    }

    func run() async throws {
        do {
            let set = try ManifestSet(try await parameters())
            if let out {
                try write(set, to: out)
            } else {
                print(json ? set.json.text(pretty: true) + "\n" : set.text, terminator: "")
            }
            if json || out != nil { for warning in set.warnings { complain("WARNING: \(warning)") } }
        } catch let error as ManifestError {
            throw Failure(.usage, "\(error)")
        }
    }

    // MARK: - Parameters

    private func parameters() async throws -> ManifestParameters {
        let asked = mesh.flatMap { ManifestMesh(rawValue: $0) }
        var parameters: ManifestParameters
        if let context {
            let settings = try Settings(
                flags: [.kubeconfig: [kubeconfig].compactMap { $0 }], environment: Command.inheritedEnvironment)
            let inventory = try await Self.inventory(of: context, kubeconfig: settings.text(.kubeconfig))
            parameters = try inventory.parameters(
                mesh: asked, gatewayClass: gatewayClass, gateway: gateway, excluded: excludeLabel)
        } else {
            parameters = ManifestParameters(mesh: asked ?? .standin)
            parameters.excluded = excludeLabel
        }
        if let gatewayClass { parameters.gatewayClass = gatewayClass }
        if let parts = gateway?.split(separator: "/").map(String.init) {
            (parameters.gatewayNamespace, parameters.gateway) = (parts[0], parts[1])
        }
        if let gatewayContainer { parameters.gatewayContainer = gatewayContainer }
        if let replicas { parameters.replicas = replicas }
        if !topologyKey.isEmpty { parameters.topologyKeys = topologyKey }
        if let budget { parameters.budget = budget }
        if let place = budgetIn.flatMap({ ManifestParameters.BudgetPlace(rawValue: $0) }) {
            parameters.budgetPlace = place
        }
        if let istiodReplicas { parameters.istiodReplicas = istiodReplicas }
        if let nodeClass { parameters.nodeClass = nodeClass }
        if let nodePools { parameters.nodePools = PoolExpiry.merging(nodePools, into: parameters.nodePools) }
        if let method = peering.flatMap({ PeeringMethod(rawValue: $0) }) {
            if method == .nodePort, parameters.gracePeriod == nil {
                parameters.gracePeriod = parameters.cluster?.gracePeriod ?? ManifestParameters.standardGracePeriod
            }
            if method == .loadBalancer { parameters.gracePeriod = nil }
            parameters.peering = method
        }
        if let gracePeriod { parameters.gracePeriod = gracePeriod }
        return parameters
    }

    private static func inventory(of name: String, kubeconfig: String?) async throws -> ManifestInventory {
        let bound = try ClusterBinding.bind([name], kubeconfig: kubeconfig)
        guard let context = bound.values.first else { throw Failure(.usage, "--for \(name): there is no such context") }
        do throws(KubeError) {
            return try await ManifestInventory.read(context)
        } catch {
            throw Failure(error.code == .config ? .usage : .unavailable, "\(error.within(context.name))")
        }
    }

    // MARK: - Files

    private func write(_ set: ManifestSet, to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for block in set.blocks {
                try Data(block.text.utf8).write(to: URL(filePath: "\(folder)/\(block.file)"))
            }
        } catch {
            throw Failure(.usage, "--out \(folder): cannot be written: \(error)")
        }
        for block in set.blocks { say("\(folder)/\(block.file)") }
    }

    /// What options may be.
    private enum Reader {
        static let subdomain: Checked.Reader<String> = { text in
            guard NodeLabel.isSubdomain(text) else { throw ValidationError("a name of an object is expected") }
            return text
        }

        static let container: Checked.Reader<String> = { text in
            guard NodeLabel.isSubdomain(text), !text.contains(".") else {
                throw ValidationError("a name of a container is expected")
            }
            return text
        }

        static let gateway: Checked.Reader<String> = { text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, parts.allSatisfy(NodeLabel.isSubdomain) else {
                throw ValidationError("NAMESPACE/NAME is expected")
            }
            return text
        }

        static let topologyKey: Checked.Reader<String> = { text in
            guard NodeLabel.isKey(text) else {
                throw ValidationError("a key of node labels is expected, for example topology.kubernetes.io/zone")
            }
            return text
        }

        static let label: Checked.Reader<NodeLabel> = { text in
            guard let label = NodeLabel(text) else {
                throw ValidationError("KEY or KEY=VALUE of a node label is expected")
            }
            return label
        }

        static let budget: Checked.Reader<BudgetLimit> = { text in
            guard let limit = BudgetLimit(text) else {
                throw ValidationError("maxUnavailable=N or minAvailable=N is expected, N pods or a percentage")
            }
            return limit
        }

        static let pools: Checked.Reader<[PoolExpiry]> = { text in
            guard let pools = PoolExpiry.pools(text) else {
                throw ValidationError(
                    "NAME=EXPIRY or NAME, separated by commas, is expected, for example pool-a=720h,pool-b=696h; an "
                        + "expiry is Never, or whole hours, minutes or seconds, and no name is given twice")
            }
            return pools
        }

        static let nodeClass: Checked.Reader<NodeClassReference> = { text in
            guard let reference = NodeClassReference(text) else {
                throw ValidationError("GROUP/KIND/NAME is expected, for example karpenter.k8s.aws/EC2NodeClass/default")
            }
            return reference
        }

        static let time: Checked.Reader<Duration> = { text in
            guard let time = GoDuration.parse(try Checked.time(text)) else {
                throw ValidationError("a time with its unit is expected, for example 40s or 1m")
            }
            return time
        }
    }
}
