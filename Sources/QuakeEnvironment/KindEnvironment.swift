import QuakeKind
package import QuakeKube
import QuakeShell
import QuakeTimeline

/// Kind's clusters, whose nodes are containers of this machine.
package struct KindEnvironment: Environment {
    package let name = EnvironmentName.kind
    package let capabilities: Set<EnvironmentCapability> = [.runsProbers, .sharesHost, .loadsImages, .keepsClusters]

    package init() {}

    package func owns(_ context: Kubeconfig.Context) async throws(KubeError) -> Bool {
        ClusterBinding.kindName(context.name) != nil
    }

    package func verify(_ contexts: [String: Kubeconfig.Context]) async throws {
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            do {
                if try await KindHere.find(context, KubeClient(context)) != nil { continue }
            } catch let error as KubeError {
                throw Failure(.unavailable, "\(name): \(error)")
            }
            throw Failure(
                .usage, "context \(context.name): its nodes are not containers of kind on this machine",
                hint: "Make it with peerquake clusters up, or run with --env kubeconfig.")
        }
    }

    package func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite? {
        try await KindHere.find(context, kube)?.site(kube)
    }

    /// Its containers alone tell it, where the journal can tell them from those of another cluster of that name.
    package func survivor(
        of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace
    ) async throws -> ClusterSite? {
        guard trace.knowsMachines else { return nil }
        return try await KindHere.standing(context)?.site(kube)
    }
}

/// A kind cluster whose nodes are containers of this machine.
struct KindHere: Sendable {
    var name: String
    var engine: ContainerEngine
    var network: String

    func site(_ kube: KubeClient) -> ClusterSite {
        var site = ClusterSite()
        site.power = KindPower(engine, network: network)
        site.controlPlane = KindControlPlane(engine, cluster: name, kube: kube)
        site.loadImage = { image in
            let kind = try KindProvisioner.detect(kubeconfig: nil, environment: Command.inheritedEnvironment)
            try await kind.load(image, into: name, from: engine)
        }
        site.loadBalancers = KindLoadBalancers(engine, network: network)
        return site
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
