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
    ///   - isReady: whether `/healthz` answers 200, or 503; asked at each request.
    ///   - dials: dials, and a load balancer's health transitions.
    ///   - targets: changes of the target set.
    package init(
        host: String, port: Int = AdminServer.port, on network: any MeshNetwork,
        isReady: @escaping @Sendable () -> Bool = { true }, dials: RecordRing? = nil, targets: RecordRing? = nil
    ) async throws {
        let server = HTTPServer { request in
            .now(Self.answer(request.uri, isReady: isReady, dials: dials, targets: targets))
        }
        listener = try await network.listen(host: host, port: port, accept: server.accept)
    }

    package func close() async { await listener.close() }

    private static func answer(
        _ uri: String, isReady: () -> Bool, dials: RecordRing?, targets: RecordRing?
    ) -> SimpleAnswer {
        let target = RequestTarget(uri)
        let cursor = target.values("cursor").compactMap { UInt64($0) }.first ?? 0
        let ring: RecordRing?
        switch target.path {
        case "/healthz":
            let isReady = isReady()
            return SimpleAnswer(
                status: isReady ? .ok : .serviceUnavailable, fields: [("content-type", "text/plain")],
                body: Array((isReady ? "ok\n" : "not ready\n").utf8))
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
