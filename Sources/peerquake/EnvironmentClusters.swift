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

    /// What the environment can do to nodes and flags: nothing, where it is neither embedded nor kind's.
    private static func hands(
        on context: Kubeconfig.Context, _ kube: KubeClient
    ) async throws -> (power: (any NodePower)?, controlPlane: (any ControlPlane)?) {
        if try await isEmbedded(kube) { return (EmbeddedPower(kube), EmbeddedControlPlane(kube)) }
        guard let here = try await KindHere.find(context, kube) else { return (nil, nil) }
        return (
            KindPower(here.engine, network: here.network), KindControlPlane(here.engine, cluster: here.name, kube: kube)
        )
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

    /// `nil` for what is no kind cluster, or one of another machine: what goes through its API works all the same.
    static func find(_ context: Kubeconfig.Context, _ kube: KubeClient) async throws -> KindHere? {
        guard let name = ClusterBinding.kindName(context.name) else { return nil }
        let environment = Command.inheritedEnvironment
        let engine: ContainerEngine
        do throws(KindError) {
            engine = try await ContainerEngine.detect(environment: environment)
        } catch {
            return nil
        }
        let containers = Set(try await engine.nodes(of: name))
        let nodes = Set(try await kube.list(.nodes).items.map(\.name))
        guard !nodes.isEmpty, nodes.isSubset(of: containers) else { return nil }
        return KindHere(name: name, engine: engine, network: engine.network(environment: environment))
    }
}
