import QuakeEmbedded
package import QuakeKube
import QuakeShell
import QuakeTimeline

/// The model's clusters, on this machine's loopback.
package struct EmbeddedEnvironment: Environment {
    package let name = EnvironmentName.embedded
    /// None: it runs no foreign process.
    package let capabilities: Set<EnvironmentCapability> = []
    package let host: (any ClusterHost)? = EmbeddedChildren()

    package init() {}

    package func owns(_ context: Kubeconfig.Context) async throws(KubeError) -> Bool {
        do throws(KubeError) {
            _ = try await KubeClient(context).raw("GET", Self.info)
            return true
        } catch {
            // Whatever answers otherwise is another API server.
            if error.httpStatus == nil { throw error }
            return false
        }
    }

    /// Only an embedded cluster's API server knows it.
    private static let info = "/peerquake.dev/v1/info"

    package func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite? {
        guard (try? await kube.raw("GET", Self.info)) != nil else { return nil }
        var site = Self.hands(kube)
        site.stalls = EmbeddedStalls(kube)
        site.hasLocalPods = true
        site.notModelled = { try await EmbeddedFidelity(kube).notModelled() }
        return site
    }

    /// Its control API lives as long as it does itself.
    package func survivor(
        of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace
    ) async throws -> ClusterSite? {
        trace.environment == name ? Self.hands(kube) : nil
    }

    private static func hands(_ kube: KubeClient) -> ClusterSite {
        var site = ClusterSite()
        site.power = EmbeddedPower(kube)
        site.controlPlane = EmbeddedControlPlane(kube)
        return site
    }

    package func needs() async -> [EnvironmentNeed] {
        let said = try? await Command(["kubectl", "version", "--client", "-o", "json"]).run(timeout: .seconds(15))
        let version = (said?.standardOutput).flatMap { try? Kubectl.Version(parsing: $0).gitVersion }
        return [
            EnvironmentNeed(
                state: version == nil ? .missing : .ok, name: "kubectl", detail: version ?? "not on PATH",
                hint: "sudo apt-get install kubernetes-client   # or https://kubernetes.io/docs/tasks/tools/",
                isVital: true)
        ]
    }
}

/// Embedded clusters in a child process of a run.
private struct EmbeddedChildren: ClusterHost {
    func check(_ shapes: WantedShapes) throws { _ = try EmbeddedChild.shapes(shapes) }

    func withClusters<Result: Sendable>(
        _ shapes: WantedShapes, in folder: String, lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        try await EmbeddedChild.with(shapes, folder: folder, lost: lost, body)
    }
}
