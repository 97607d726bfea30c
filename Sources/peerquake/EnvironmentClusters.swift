import QuakeCluster
import QuakeEmbedded
import QuakeKube
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
                let isEmbedded = try await isEmbedded(kube)
                clusters[name] = Cluster(
                    name: name, uid: system.uid, kube: kube,
                    kubectl: Kubectl(
                        kubeconfigPath: kubeconfig, context: context.name, cacheDirectory: "\(cache)/kubectl-cache"),
                    power: isEmbedded ? EmbeddedPower(kube) : nil,
                    controlPlane: isEmbedded ? EmbeddedControlPlane(kube) : nil)
            } catch let error as KubeError {
                throw Failure(.unavailable, "\(name): \(error)")
            }
        }
        return clusters
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
