import NIOHTTP1
import QuakeHTTP
import QuakeMesh
import QuakeRecord

/// Answers every request with who it is, and a stream's messages with themselves: what the prober checks.
package final class Echo: MeshRole {
    package static let port = MeshPort.echo

    private let listener: any MeshListener

    package init(_ pod: PodIdentity, on network: any MeshNetwork, port: Int = Echo.port) async throws {
        listener = try await network.listen(host: pod.address, port: port, accept: HTTPServer(Identity(pod)).accept)
    }

    package func terminate() async { await listener.close() }
    package func kill() async { await listener.close() }
}

/// Who answers.
private struct Identity: HTTPResponder {
    private let fields: [(String, String)]
    private let body: [UInt8]

    init(_ pod: PodIdentity) {
        fields = [
            ("content-type", "text/plain"), ("x-peerquake-cluster", pod.cluster), ("x-peerquake-node", pod.node),
            ("x-peerquake-pod", pod.pod),
        ]
        body = Array("\(pod.cluster) \(pod.node) \(pod.pod)\n".utf8)
    }

    func reply(to request: SimpleRequest) -> HTTPReply { .now(SimpleAnswer(fields: fields, body: body)) }

    func echoFields(for head: HTTPRequestHead) -> [(String, String)]? {
        head.headers.first(name: "content-type") == ConnectionMode.streamContentType ? fields : nil
    }
}
