import QuakeCluster
import QuakeKube

/// The log of a pod's container, line by line with the kubelet's time before each.
enum PodLog {
    /// - Parameters:
    ///   - start: Unix nanoseconds; the kubelet knows whole seconds, and begins with that of the moment.
    ///   - limit: bytes at most; the last line may be cut off.
    static func read(
        _ pod: JSONValue, in cluster: Cluster, since start: Int64, limit: Int, timeout: Duration
    ) async throws -> [UInt8] {
        try await cluster.kube.raw(
            "GET", ResourcePath.pod(pod.namespace, pod.name).subresource("log").path,
            query: [("timestamps", "true"), ("sinceTime", ZtunnelTime.text(start)), ("limitBytes", String(limit))],
            accept: "*/*", timeout: timeout
        ).body
    }
}
