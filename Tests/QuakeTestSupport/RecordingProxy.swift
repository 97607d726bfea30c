import Glibc
import Synchronization

/// A forward proxy on loopback that speaks HTTP, CONNECT and SOCKS5, and alone knows where names lead. It keeps what it was
/// asked for. Two threads a connection.
package final class RecordingProxy: Sendable {
    /// Where a name leads.
    package struct Target: Sendable {
        package var address: String
        package var port: Int

        package init(_ address: String = "127.0.0.1", port: Int) {
            self.address = address
            self.port = port
        }
    }

    private let targets: [String: Target]
    private let kept = Mutex<(requests: [String], heads: [String])>(([], []))
    private let listening = Mutex<ScriptedServer?>(nil)
    package let port: Int

    /// - Parameter targets: `HOST:PORT`, as clients ask for it, and where that is.
    package init(_ targets: [String: Target]) {
        self.targets = targets
        let me = Mutex<RecordingProxy?>(nil)
        let server = ScriptedServer { connection in me.withLock { $0 }?.serve(connection) }
        port = server.port
        listening.withLock { $0 = server }
        me.withLock { $0 = self }
    }

    package func stop() { listening.withLock { $0 }?.stop() }

    /// `CONNECT host:port`, `GET http://host:port/path` or `SOCKS5 host:port`, in order.
    package var requests: [String] { kept.withLock { $0.requests } }
    /// The heads of requests that were not SOCKS5's.
    package var heads: [String] { kept.withLock { $0.heads } }

    private func serve(_ connection: ScriptedServer.Connection) {
        var first: UInt8 = 0
        guard recv(connection.descriptor, &first, 1, Int32(MSG_PEEK)) == 1 else { return }
        if first == 5 { serveSocks(connection) } else { serveHTTP(connection) }
    }

    private func serveHTTP(_ connection: ScriptedServer.Connection) {
        guard let head = connection.head() else { return }
        let words = head.prefix { $0 != "\r\n" }.split(separator: " ").map(String.init)
        guard words.count == 3 else { return }
        kept.withLock { kept in
            kept.requests.append("\(words[0]) \(words[1])")
            kept.heads.append(head)
        }
        if words[0] == "CONNECT" {
            guard let target = targets[words[1]] else { return refuse(connection) }
            return pass(connection, to: target) { _ in connection.send("HTTP/1.1 200 Connection established\r\n\r\n") }
        }
        let place = words[1].dropFirst("http://".count)
        let authority = String(place.prefix { $0 != "/" })
        guard let target = targets[authority] else { return refuse(connection) }
        // The next request would go to the server as if it were for itself.
        let rest = head.drop { $0 != "\r\n" }.dropFirst()
            .replacing("Host: \(authority)", with: "Connection: close\r\nHost: \(target.address):\(target.port)")
        let start = "\(words[0]) \(place.dropFirst(authority.count)) HTTP/1.1\r\n"
        pass(connection, to: target) { server in Self.write(Array((start + rest).utf8), to: server) }
    }

    private func refuse(_ connection: ScriptedServer.Connection) {
        connection.answer(502, ["connection: close"], body: "no such name")
    }

    private func serveSocks(_ connection: ScriptedServer.Connection) {
        let greeting = connection.bytes(2)
        guard greeting.count == 2 else { return }
        _ = connection.bytes(Int(greeting[1]))
        Self.write([5, 0], to: connection.descriptor)
        let request = connection.bytes(4)
        guard request.count == 4 else { return }
        let host: String
        switch request[3] {
        case 3: host = String(decoding: connection.bytes(Int(connection.bytes(1).first ?? 0)), as: UTF8.self)
        case 1: host = connection.bytes(4).map(String.init).joined(separator: ".")
        default: host = "[" + connection.bytes(16).map { String($0, radix: 16) }.joined(separator: ",") + "]"
        }
        let port = connection.bytes(2)
        guard port.count == 2 else { return }
        let name = "\(host):\(Int(port[0]) << 8 | Int(port[1]))"
        kept.withLock { $0.requests.append("SOCKS5 \(name)") }
        guard let target = targets[name] else {
            return Self.write([5, 4, 0, 1, 0, 0, 0, 0, 0, 0], to: connection.descriptor)
        }
        pass(connection, to: target) { _ in
            Self.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0], to: connection.descriptor)
        }
    }

    /// Carries bytes both ways until one side ends.
    private func pass(_ connection: ScriptedServer.Connection, to target: Target, _ begin: (Int32) -> Void) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(server) }
        guard TCPGate.with(target.address, UInt16(target.port), { connect(server, $0, $1) }) == 0 else {
            return refuse(connection)
        }
        begin(server)
        // Connections of kept-alive clients are silent for longer than a script's calls wait.
        var none = timeval()
        setsockopt(connection.descriptor, SOL_SOCKET, SO_RCVTIMEO, &none, socklen_t(MemoryLayout<timeval>.size))
        let client = connection.descriptor
        let done = Signal()
        Threads.start {
            TCPGate.pump(server, client)
            done.signal()
        }
        TCPGate.pump(client, server)
        done.wait()
    }

    /// A pipe's end: what one thread waits for and another says.
    private final class Signal: Sendable {
        private let ends: (read: Int32, write: Int32)

        init() {
            var pair: [Int32] = [-1, -1]
            pipe(&pair)
            ends = (pair[0], pair[1])
        }

        deinit {
            close(ends.read)
            close(ends.write)
        }

        func signal() {
            var byte: UInt8 = 1
            _ = Glibc.write(ends.write, &byte, 1)
        }

        func wait() {
            var byte: UInt8 = 0
            _ = read(ends.read, &byte, 1)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}
