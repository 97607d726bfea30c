import NIOCore
import NIOHTTP1
import QuakeMesh

/// Answers every request with who it is, and a stream's messages with themselves: what the prober checks.
package final class Echo: MeshRole {
    package static let port = MeshPort.echo

    private let listener: any MeshListener

    package init(_ pod: PodIdentity, on network: any MeshNetwork, port: Int = Echo.port) async throws {
        let fields = [
            ("content-type", "text/plain"), ("x-peerquake-cluster", pod.cluster), ("x-peerquake-node", pod.node),
            ("x-peerquake-pod", pod.pod),
        ]
        let body = Array("\(pod.cluster) \(pod.node) \(pod.pod)\n".utf8)
        listener = try await network.listen(host: pod.address, port: port) { channel in
            HTTPResponder.setUp(channel, echoingStreamsWith: fields) { _, loop in
                loop.makeSucceededFuture(SimpleAnswer(fields: fields, body: body))
            }
        }
    }

    package func terminate() async { await listener.close() }
    package func kill() async { await listener.close() }
}
