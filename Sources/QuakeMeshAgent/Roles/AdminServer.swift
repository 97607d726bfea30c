import FoundationEssentials
import NIOHTTP1
import QuakeBase
import QuakeHTTP
import QuakeMesh

/// An agent's own HTTP server: `/healthz`, `/dials?cursor=N`, `/targets?cursor=N`.
package final class AdminServer: Sendable {
    package static let port = MeshPort.admin

    private let listener: any MeshListener

    /// - Parameters:
    ///   - dials: dials, and a load balancer's health transitions.
    ///   - targets: changes of the target set.
    package init(
        host: String, port: Int = AdminServer.port, on network: any MeshNetwork, dials: RecordRing? = nil,
        targets: RecordRing? = nil
    ) async throws {
        let server = HTTPServer { request in .now(Self.answer(request.uri, dials: dials, targets: targets)) }
        listener = try await network.listen(host: host, port: port, accept: server.accept)
    }

    package func close() async { await listener.close() }

    private static func answer(_ uri: String, dials: RecordRing?, targets: RecordRing?) -> SimpleAnswer {
        let target = RequestTarget(uri)
        let cursor = target.values("cursor").compactMap { UInt64($0) }.first ?? 0
        let ring: RecordRing?
        switch target.path {
        case "/healthz": return SimpleAnswer(fields: [("content-type", "text/plain")], body: Array("ok\n".utf8))
        case "/dials": ring = dials
        case "/targets": ring = targets
        default: ring = nil
        }
        guard let ring, let body = try? JSONEncoder().encode(ring.page(from: cursor)) else {
            return SimpleAnswer(status: .notFound)
        }
        return SimpleAnswer(fields: [("content-type", "application/json")], body: Array(body))
    }
}
