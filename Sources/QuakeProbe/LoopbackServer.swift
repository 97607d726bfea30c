import Glibc
import Synchronization

/// The prober's own control: an HTTP server in the same process that always answers. What fails here is the prober's.
package final class LoopbackServer: Sendable {
    /// What it answers as its cluster.
    package static let name = "loopback"

    package let port: Int
    private let listener: Int32
    private let isStopped = Mutex(false)

    /// - Throws: `.setUp` if no port can be had.
    package init() throws(ProbeError) {
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(opened, raw, size) == 0 && listen(opened, 256) == 0 && getsockname(opened, raw, &size) == 0
            }
        }
        listener = opened
        guard opened >= 0, bound else { throw ProbeError(.setUp, "no port for the loopback control") }
        port = Int(UInt16(bigEndian: address.sin_port))
        var thread = pthread_t()
        let me = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { me in
                guard let me else { return nil }
                Unmanaged<LoopbackServer>.fromOpaque(me).takeRetainedValue().serve()
                return nil
            }, me)
        pthread_detach(thread)
    }

    /// Makes the server's thread end; it does not wait for that.
    package func stop() {
        isStopped.withLock { $0 = true }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// One connection after the other: each brings one request. As favoured as the prober's own thread: an answer that waits for
    /// a processor here would say of the prober what is true of this thread alone.
    private func serve() {
        _ = ThreadPriority.take()
        let body = "loopback\n"
        let answer = Array(
            "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\nx-peerquake-cluster: \(Self.name)\r\nconnection: close\r\n\r\n\(body)"
                .utf8)
        var request = [UInt8](repeating: 0, count: 4096)
        while !isStopped.withLock({ $0 }) {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            var limit = timeval(tv_sec: 1, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            if read(connection, &request, request.count) > 0 {
                send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            }
            close(connection)
        }
        close(listener)
    }
}
