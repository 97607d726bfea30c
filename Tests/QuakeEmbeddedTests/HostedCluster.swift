import Foundation
import Logging
import QuakeEmbedded
import QuakeKube

private let quickConfig = """
    kind: Cluster
    apiVersion: kind.x-k8s.io/v1alpha4
    name: test
    kubeadmConfigPatches:
      - |
        kind: ClusterConfiguration
        controllerManager:
          extraArgs: {node-monitor-grace-period: 4s, node-monitor-period: 1s}
      - |
        kind: KubeletConfiguration
        nodeLeaseDurationSeconds: 1
    nodes: [{role: control-plane}, {role: worker}, {role: worker}]
    """

/// An embedded cluster that lives as long as a test, reached by a real kubectl.
///
/// - Parameter config: a kind configuration; it names the cluster `test`.
func withCluster(
    _ binary: String, config: String? = nil, _ body: @escaping @Sendable (Kubectl, KubeClient) async throws -> Void
) async throws {
    let shape = try ClusterShape.parse(config ?? quickConfig, file: "test.yaml")
    let folder = NSTemporaryDirectory() + "quake-kubectl-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (ready, announce) = AsyncStream<Kubeconfig.Context>.makeStream()
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let host = EmbeddedHost([shape], logger: logger)
    let hosting = Task { try await host.run { contexts in announce.yield(contexts[0]) } }
    defer { hosting.cancel() }
    for await context in ready {
        try Data(Kubeconfig(contexts: [context]).yaml().utf8).write(to: URL(filePath: "\(folder)/kc"))
        try await body(
            Kubectl(
                binary: binary, kubeconfigPath: "\(folder)/kc", context: "test", cacheDirectory: "\(folder)/cache"),
            KubeClient(context))
        return
    }
}
