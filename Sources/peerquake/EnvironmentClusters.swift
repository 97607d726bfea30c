import QuakeArchive
import QuakeCluster
import QuakeEmbedded
import QuakeKind
import QuakeKube
import QuakeMesh
import QuakeTimeline

/// The clusters of a run, with what their environment can do to them. The one place that names an environment.
enum EnvironmentClusters {
    /// - Parameter contexts: cluster → context.
    static func open(
        _ contexts: [String: Kubeconfig.Context], kubeconfig: String, cache: String
    ) async throws -> [String: Cluster] {
        var clusters: [String: Cluster] = [:]
        for (name, context) in contexts {
            let kube = KubeClient(context)
            if let withheld = kube.withheldCredentials { complain("\(name): \(withheld)") }
            do {
                let system = try await kube.get(.namespace("kube-system"))
                let hands = try await hands(on: context, kube)
                clusters[name] = Cluster(
                    name: name, uid: system.uid, kube: kube,
                    kubectl: Kubectl(
                        kubeconfigPath: kubeconfig, context: context.name, cacheDirectory: "\(cache)/kubectl-cache"),
                    power: hands.power, controlPlane: hands.controlPlane,
                    stalls: hands.power is EmbeddedPower ? EmbeddedStalls(kube) : nil)
            } catch let error as KubeError {
                throw Failure(.unavailable, "\(name): \(error)")
            }
        }
        return clusters
    }

    /// One cluster of a run that is to be healed. Where the run's journal tells its nodes' machines from others, its
    /// API server need not answer: its control plane may be what is to be started.
    ///
    /// - Parameter name: the run's own for it.
    /// - Throws: `KubeError` where only its API server tells what it is, and does not answer.
    static func reach(
        _ name: String, _ context: Kubeconfig.Context, of header: JournalHeader, kubeconfig: String, cache: String
    ) async throws -> Cluster {
        let kube = KubeClient(
            context, options: .init(timeout: .seconds(10), connectTimeout: .seconds(3), retryBudget: .seconds(2)))
        var cluster = Cluster(
            name: name, uid: header.uids[name] ?? "", kube: kube,
            kubectl: Kubectl(
                kubeconfigPath: kubeconfig, context: context.name, cacheDirectory: "\(cache)/kubectl-cache"))
        let isKnown = header.nodes?[name]?.values.contains { $0.machine != nil } ?? false
        if header.environment == "embedded" {
            (cluster.power, cluster.controlPlane) = (EmbeddedPower(kube), EmbeddedControlPlane(kube))
        } else if isKnown, let here = try await KindHere.standing(context) {
            (cluster.power, cluster.controlPlane) = here.hands(kube)
        } else {
            _ = try await kube.get(.namespace("kube-system"), timeout: .seconds(3))
            (cluster.power, cluster.controlPlane) = try await hands(on: context, kube)
        }
        return cluster
    }

    /// What the environment can do to nodes and flags: nothing, where it is neither embedded nor kind's.
    private static func hands(
        on context: Kubeconfig.Context, _ kube: KubeClient
    ) async throws -> (power: (any NodePower)?, controlPlane: (any ControlPlane)?) {
        if try await isEmbedded(kube) { return (EmbeddedPower(kube), EmbeddedControlPlane(kube)) }
        guard let here = try await KindHere.find(context, kube) else { return (nil, nil) }
        return here.hands(kube)
    }

    /// The mesh under test: the one that is named, else the one whose gateways are there, else the stand-in.
    ///
    /// Probers meet the stand-in at its pods, where they are pods themselves or the pods are on this machine's own
    /// loopback; else behind their nodes. Istio and Solo carry only what comes from pods.
    ///
    /// - Throws: ``Failure`` where the clusters have another mesh than the one named.
    static func peering(
        _ clusters: [String: Cluster], mesh: String?, fromPods: Bool
    ) async throws -> any Peering {
        let isLocal = clusters.values.allSatisfy { $0.power is EmbeddedPower }
        let standin = StandinPeering(reach: fromPods || isLocal ? .pods : .nodePorts)
        if mesh == "standin" || isLocal && mesh == nil { return standin }
        let found: IstioPeering?
        do {
            found = try await IstioPeering.find(in: clusters)
        } catch let error as KubeError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as ClusterError {
            throw Failure(.usage, "\(error)")
        }
        guard let found else {
            guard let mesh else { return standin }
            throw Failure(
                .usage, "--mesh \(mesh): the clusters have no east-west gateway of it",
                hint: "Install it with scripts/install-\(mesh), or leave --mesh out.")
        }
        if let mesh, mesh != found.distribution.rawValue {
            throw Failure(
                .usage, "--mesh \(mesh): the clusters' east-west gateways are of \(found.distribution.rawValue)")
        }
        return found
    }

    private static func isEmbedded(_ kube: KubeClient) async throws -> Bool {
        do {
            _ = try await kube.raw("GET", "/peerquake.dev/v1/info")
            return true
        } catch {
            return false
        }
    }
}

/// A kind cluster whose nodes are containers of this machine.
struct KindHere: Sendable {
    var name: String
    var engine: ContainerEngine
    var network: String

    func hands(_ kube: KubeClient) -> (power: (any NodePower)?, controlPlane: (any ControlPlane)?) {
        (KindPower(engine, network: network), KindControlPlane(engine, cluster: name, kube: kube))
    }

    /// As its containers alone say, be its API server dead or alive; `nil` where there are none of it here.
    static func standing(_ context: Kubeconfig.Context) async throws -> KindHere? {
        guard let (here, containers) = try await named(by: context), !containers.isEmpty else { return nil }
        return here
    }

    /// `nil` for what is no kind cluster, or one of another machine: what goes through its API works all the same.
    static func find(_ context: Kubeconfig.Context, _ kube: KubeClient) async throws -> KindHere? {
        guard let (here, containers) = try await named(by: context) else { return nil }
        let nodes = Set(try await kube.list(.nodes).items.map(\.name))
        guard !nodes.isEmpty, nodes.isSubset(of: containers) else { return nil }
        return here
    }

    /// The kind cluster of a context's name, and its containers.
    private static func named(by context: Kubeconfig.Context) async throws -> (KindHere, containers: Set<String>)? {
        guard let name = ClusterBinding.kindName(context.name) else { return nil }
        let environment = Command.inheritedEnvironment
        let engine: ContainerEngine
        do throws(KindError) {
            engine = try await ContainerEngine.detect(environment: environment)
        } catch {
            return nil
        }
        let here = KindHere(name: name, engine: engine, network: engine.network(environment: environment))
        return (here, Set(try await engine.nodes(of: name)))
    }
}
