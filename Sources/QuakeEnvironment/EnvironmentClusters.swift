package import QuakeArchive
package import QuakeCluster
package import QuakeKube
import QuakeMesh
import QuakePeering
import QuakeShell
import QuakeTimeline

/// The clusters of a run, with what their environments can do to them.
package enum EnvironmentClusters {
    /// - Parameter contexts: cluster → context.
    /// - Throws: ``Failure`` where a cluster does not answer.
    package static func open(
        _ contexts: [String: Kubeconfig.Context], kubeconfig: String, cache: String,
        in environments: Environments = .standard
    ) async throws -> [String: Cluster] {
        var clusters: [String: Cluster] = [:]
        for (name, context) in contexts {
            let kube = KubeClient(context)
            if let withheld = kube.withheldCredentials { complain("\(name): \(withheld)") }
            do {
                let system = try await kube.get(.namespace("kube-system"))
                var cluster = Cluster(
                    name: name, uid: system.uid, kube: kube,
                    kubectl: Kubectl(
                        kubeconfigPath: kubeconfig, context: context.name, cacheDirectory: "\(cache)/kubectl-cache"))
                try await environments.site(of: context, kube).equip(&cluster)
                clusters[name] = cluster
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
    package static func reach(
        _ name: String, _ context: Kubeconfig.Context, of header: JournalHeader, kubeconfig: String, cache: String,
        in environments: Environments = .standard
    ) async throws -> Cluster {
        let kube = KubeClient(
            context, options: .init(timeout: .seconds(10), connectTimeout: .seconds(3), retryBudget: .seconds(2)))
        var cluster = Cluster(
            name: name, uid: header.uids[name] ?? "", kube: kube,
            kubectl: Kubectl(
                kubeconfigPath: kubeconfig, context: context.name, cacheDirectory: "\(cache)/kubectl-cache"))
        let trace = ClusterTrace(
            environment: EnvironmentName(rawValue: header.environment),
            knowsMachines: header.nodes?[name]?.values.contains { $0.machine != nil } ?? false)
        if let site = try await environments.survivor(of: context, kube, trace) {
            site.equip(&cluster)
        } else {
            _ = try await kube.get(.namespace("kube-system"), timeout: .seconds(3))
            try await environments.site(of: context, kube).equip(&cluster)
        }
        return cluster
    }

    /// The mesh under test: the one that is named, else the one whose gateways are there, else the stand-in.
    ///
    /// Probers meet the stand-in at its pods, where they are pods themselves or the pods are on this machine's own
    /// loopback; else behind their nodes. Istio and Solo carry only what comes from pods.
    ///
    /// - Throws: ``Failure`` where the clusters have another mesh than the one named.
    package static func peering(
        _ clusters: [String: Cluster], mesh: String?, fromPods: Bool
    ) async throws -> any Peering {
        let isLocal = clusters.values.allSatisfy(\.hasLocalPods)
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
}
