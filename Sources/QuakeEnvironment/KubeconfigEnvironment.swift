package import QuakeKube

/// Any clusters that a kubeconfig names. What goes through an API works there, and nothing else does.
package struct KubeconfigEnvironment: Environment {
    package let name = EnvironmentName.kubeconfig
    package let capabilities: Set<EnvironmentCapability> = [.runsProbers]

    package init() {}

    /// Never: they are somebody's.
    package func owns(_ context: Kubeconfig.Context) async throws(KubeError) -> Bool { false }

    package func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite? { nil }
}
