import Foundation
import Glibc
import QuakeKube
import Testing

/// What becomes of a watch whose client has hung up.
struct WatchEndTests {
    /// Sends a request and hangs up for its own part; what comes until the server has closed, too. `nil` after 10 s.
    private static func answer(_ request: String, to host: String, port: UInt16) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var said: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        var hasHungUp = false
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return count == 0 ? String(decoding: said, as: UTF8.self) : nil }
            said += piece[..<count]
            if !hasHungUp {
                hasHungUp = true
                shutdown(descriptor, Int32(SHUT_WR))
            }
        }
    }

    /// Nothing is ever told in a namespace that is not there: without a look at the client the watch would stay.
    @Test func endsWhenItsClientHangsUp() async throws {
        try await withCluster("kubectl") { _, kube in
            let server = try #require(URLComponents(string: kube.context.cluster.server))
            let (host, port) = (try #require(server.host), UInt16(try #require(server.port)))
            let path = "/api/v1/namespaces/nowhere/pods?watch=true&timeoutSeconds=300"
            let text = await Task.detached {
                Self.answer("GET \(path) HTTP/1.1\r\nHost: \(host):\(port)\r\n\r\n", to: host, port: port)
            }.value
            #expect(try #require(text, "the server keeps it open").hasPrefix("HTTP/1.1 200"))
        }
    }
}
