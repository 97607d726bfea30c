import Glibc
import Synchronization

/// A TCP server on loopback whose every answer, pause, end and reset a test writes down. One thread a connection.
package final class ScriptedServer: Sendable {
    /// One accepted connection. Its calls block, at most for five seconds each.
    package final class Connection: Sendable {
        let descriptor: Int32
        /// Numbers the connections of a server from 0.
        package let number: Int

        init(_ descriptor: Int32, number: Int) {
            self.descriptor = descriptor
            self.number = number
            var limit = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }

        /// A request's head; `nil` once the client has hung up or says nothing.
        package func head() -> String? {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) == 1 {
                text.append(byte)
                if text.suffix(4).elementsEqual([13, 10, 13, 10]) { return String(decoding: text, as: UTF8.self) }
            }
            return nil
        }

        /// Waits for the client's first byte, and takes it.
        package func awaitData() { _ = text(1) }

        /// A request's body, as long as its head says.
        package func body(of head: String) -> String {
            let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            let size = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
            return text(size)
        }

        private func text(_ size: Int) -> String { String(decoding: bytes(size), as: UTF8.self) }

        /// So many bytes, or fewer where the client hangs up or says nothing.
        package func bytes(_ size: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while bytes.count < size, read(descriptor, &byte, 1) == 1 { bytes.append(byte) }
            return bytes
        }

        /// The next chunk of a chunked body; `nil` once the client has hung up or says nothing.
        package func chunk() -> String? {
            guard let head = line(), let size = Int(head.prefix { $0 != ";" }, radix: 16), size > 0 else { return nil }
            let text = text(size)
            return text.utf8.count == size && line() == "" ? text : nil
        }

        private func line() -> String? {
            var text: [UInt8] = []
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) == 1 {
                text.append(byte)
                if text.suffix(2).elementsEqual([13, 10]) { return String(decoding: text.dropLast(2), as: UTF8.self) }
            }
            return nil
        }

        /// One chunk of a chunked answer.
        package func send(chunk text: String) { send("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n") }

        package func send(_ text: String) {
            let bytes = Array(text.utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }

        /// A whole answer with a length.
        package func answer(_ status: Int = 200, _ fields: [String] = [], body: String) {
            let head = (["HTTP/1.1 \(status) Status", "content-length: \(body.utf8.count)"] + fields)
            send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        package func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }

        /// Sends FIN, and goes on reading: a close with unread bytes would be a reset.
        package func end() { shutdown(descriptor, Int32(SHUT_WR)) }

        /// Keeps what is sent from now on for the FIN, to go with it.
        package func cork() {
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &yes, socklen_t(MemoryLayout<Int32>.size))
        }

        /// The close that follows sends RST.
        package func reset() {
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
        }

        fileprivate func finish() { close(descriptor) }
    }

    package let port: Int
    private let listener: Int32
    private let count = Mutex(0)
    private let script: @Sendable (Connection) -> Void

    /// - Parameter script: called with each connection, on its own thread; the connection closes when it returns.
    package init(_ script: @escaping @Sendable (Connection) -> Void) {
        self.script = script
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, 512) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        precondition(bound, "no port on loopback")
        port = Int(UInt16(bigEndian: address.sin_port))
        Threads.start { self.accepting() }
    }

    /// How many connections there were.
    package var connections: Int { count.withLock { $0 } }

    /// Takes no more connections: the port refuses from now on.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accepting() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            Threads.start { [script] in
                let connection = Connection(descriptor, number: number)
                script(connection)
                connection.finish()
            }
        }
        close(listener)
    }
}
