import QuakeCurl
import Synchronization

/// HTTP servers that listen on their pods' own loopback, such as the admin servers of a mesh's proxies: asked through a
/// ``PortForward`` to each, which is kept from one request to the next and closed after a while without any.
package final class PodLoopback: Sendable {
    /// Of one request.
    private static let patience = Duration.seconds(5)

    private let port: Int
    private let links = Mutex<[String: PodLink]>([:])
    /// How long a port-forward is kept unused.
    private let rest: Duration

    package init(port: Int, rest: Duration = .seconds(10)) {
        self.port = port
        self.rest = rest
    }

    /// Asks the server of one pod. Ends within seconds, by its answer or by throwing.
    ///
    /// - Parameters:
    ///   - path: with its query; by GET where no method is named.
    ///   - pod: a Pod with its uid.
    /// - Returns: the body of an answer 200.
    /// - Throws: `.server` for any other answer; what the port-forward and the connection throw.
    package func send(_ path: String, to pod: JSONValue, by kubectl: Kubectl) async throws -> [UInt8] {
        try await send("GET", path, to: pod, by: kubectl)
    }

    /// The same by another method.
    package func send(
        _ method: String, _ path: String, to pod: JSONValue, by kubectl: Kubectl
    ) async throws -> [UInt8] {
        let key = "\(kubectl.context)/\(pod.uid)"
        let link = links.withLock { links in
            let link = links[key] ?? PodLink(kubectl, pod, port: port, rest: rest)
            links[key] = link
            return link
        }
        return try await link.send(method, path, timeout: Self.patience)
    }
}

/// The port-forward to one pod.
private actor PodLink {
    private let kubectl: Kubectl
    private let namespace: String
    private let pod: String
    private let port: Int
    private let rest: Duration
    /// Under way or open; `nil` where the next request opens one.
    private var opening: Task<PortForward, any Error>?
    private var closing: Task<Void, Never>?

    init(_ kubectl: Kubectl, _ pod: JSONValue, port: Int, rest: Duration) {
        self.kubectl = kubectl
        namespace = pod.namespace
        self.pod = pod.name
        self.port = port
        self.rest = rest
    }

    func send(_ method: String, _ path: String, timeout: Duration) async throws -> [UInt8] {
        closing?.cancel()
        closing = nil
        let forward = try await opened(within: timeout)
        do {
            let request = HTTPRequest(method, "http://127.0.0.1:\(forward.port)\(path)", timeout: timeout)
            let answer = try await HTTPClient.shared.send(request)
            guard answer.status == 200 else {
                throw KubeError(
                    .server, "\(path) on port \(port) of pod \(pod) answers \(answer.status)",
                    context: "\(namespace)/\(pod)", httpStatus: answer.status)
            }
            closeLater()
            return answer.body
        } catch {
            // The pod or the way to it may be another one by now: the next request finds out.
            opening = nil
            await forward.close()
            throw error
        }
    }

    private func opened(within limit: Duration) async throws -> PortForward {
        if let opening, let known = try? await opening.value, known.isOpen { return known }
        let task = Task { [kubectl, namespace, pod, port] in
            try await PortForward.open(kubectl, namespace: namespace, pod: pod, port: port, within: limit)
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
