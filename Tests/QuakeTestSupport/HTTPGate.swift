import Glibc

/// Stands before an HTTP server on loopback, and makes some of its requests late. Each request has a connection of its own.
package final class HTTPGate: Sendable {
    private let server: ScriptedServer

    /// - Parameter delay: in milliseconds, of the request whose head this is.
    package init(before port: Int, host: String = "127.0.0.1", delay: @escaping @Sendable (_ head: String) -> UInt32) {
        server = ScriptedServer { connection in
            guard let head = connection.head() else { return }
            let body = connection.body(of: head)
            let wait = delay(head)
            if wait > 0 { connection.pause(milliseconds: wait) }
            connection.relay(Self.readdressed(head, to: "\(host):\(port)") + body, to: port, host)
        }
    }

    package var port: Int { server.port }

    package func stop() { server.stop() }

    /// The server is to take the request for its own, and to end its answer with the connection's end.
    private static func readdressed(_ head: String, to host: String) -> String {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: true)
        let kept = lines.filter { line in
            !["connection:", "host:"].contains { line.lowercased().hasPrefix($0) }
        }
        return (kept + ["Host: \(host)", "Connection: close"]).joined(separator: "\r\n") + "\r\n\r\n"
    }
}

extension ScriptedServer.Connection {
    /// Sends a request to another server, and its answer back until that ends or the client has hung up.
    func relay(_ request: String, to port: Int, _ host: String) {
        let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(upstream) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr(host)
        address.sin_port = UInt16(port).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected, write(Array(request.utf8), to: upstream) else { return }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(upstream, &buffer, buffer.count, 0)
            guard count > 0, write(Array(buffer.prefix(count)), to: descriptor) else { return }
        }
    }

    private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }
}
