import QuakeCluster
import QuakeCurl
import QuakeKube
import Synchronization

/// Reads what ztunnels know.
protocol ZtunnelReading: Sendable {
    /// The configuration of one ztunnel as it is now. Ends within seconds, by its answer or by throwing.
    ///
    /// - Parameter pod: the ztunnel's Pod.
    func config(of pod: JSONValue, in cluster: Cluster) async throws -> ZtunnelConfig
}

/// By their admin servers, which listen on their pods' own loopback: through a port-forward to each, which is kept from one
/// reading to the next and closed after a while without any.
final class ZtunnelAdmin: ZtunnelReading {
    /// Of ztunnel's admin server (istio 1.27: `ADMIN_PORT`).
    static let port = 15_000
    /// Of one reading.
    private static let patience = Duration.seconds(5)

    private let links = Mutex<[String: ZtunnelLink]>([:])
    /// How long a port-forward is kept unused.
    private let rest: Duration

    init(rest: Duration = .seconds(10)) { self.rest = rest }

    func config(of pod: JSONValue, in cluster: Cluster) async throws -> ZtunnelConfig {
        let key = "\(cluster.name)/\(pod.uid)"
        let link = links.withLock { links in
            let link = links[key] ?? ZtunnelLink(cluster.kubectl, pod, rest: rest)
            links[key] = link
            return link
        }
        return try ZtunnelConfig(parsing: try await link.get("/config_dump", timeout: Self.patience))
    }
}

/// The port-forward to one ztunnel.
private actor ZtunnelLink {
    private let kubectl: Kubectl
    private let namespace: String
    private let pod: String
    private let rest: Duration
    /// Under way or open; `nil` where the next reading opens one.
    private var opening: Task<PortForward, any Error>?
    private var closing: Task<Void, Never>?

    init(_ kubectl: Kubectl, _ pod: JSONValue, rest: Duration) {
        self.kubectl = kubectl
        namespace = pod.namespace
        self.pod = pod.name
        self.rest = rest
    }

    func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
        closing?.cancel()
        closing = nil
        let forward = try await opened(within: timeout)
        do {
            let request = HTTPRequest("GET", "http://127.0.0.1:\(forward.port)\(path)", timeout: timeout)
            let answer = try await HTTPClient.shared.send(request)
            guard answer.status == 200 else {
                throw KubeError(
                    .server, "\(path) of ztunnel \(pod) answers \(answer.status)", context: "\(namespace)/\(pod)",
                    httpStatus: answer.status)
            }
            closeLater()
            return answer.body
        } catch {
            // The pod or the way to it may be another one by now: the next reading finds out.
            opening = nil
            await forward.close()
            throw error
        }
    }

    private func opened(within limit: Duration) async throws -> PortForward {
        if let opening, let known = try? await opening.value, known.isOpen { return known }
        let task = Task { [kubectl, namespace, pod] in
            try await PortForward.open(
                kubectl, namespace: namespace, pod: pod, port: ZtunnelAdmin.port, within: limit)
        }
        opening = task
        do {
            return try await task.value
        } catch {
            opening = nil
            throw error
        }
    }

    private func closeLater() {
        closing?.cancel()
        closing = Task { [rest] in
            guard (try? await Task.sleep(for: rest)) != nil else { return }
            await self.close()
        }
    }

    private func close() async {
        guard let opening else { return }
        self.opening = nil
        if let forward = try? await opening.value { await forward.close() }
    }
}
