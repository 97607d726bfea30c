import Glibc
import Synchronization

/// Stands in front of a TCP server, and can be shut: what comes while it is shut is refused by a reset, and so is what was
/// open. Two threads a connection.
package final class TCPGate: Sendable {
    package let address: String
    package let port: UInt16
    private let target: (address: String, port: UInt16)
    private let listener: Int32
    private struct State {
        var isOpen = true
        var descriptors: Set<Int32> = []
        var refused = 0
    }
    private let state = Mutex(State())

    /// - Parameter port: also that of the server: a client that names the server's own address in its Host header names
    ///   the right port with it.
    package init(to target: String, port: UInt16) {
        self.target = (target, port)
        self.port = port
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var chosen = ""
        // Linux binds the whole 127/8; other tests have ports on 127.0.0.1.
        for _ in 0..<100 where chosen.isEmpty {
            let candidate = "127.200.\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
            if Self.with(candidate, port, { bind(descriptor, $0, $1) }) == 0 { chosen = candidate }
        }
        precondition(!chosen.isEmpty && listen(descriptor, 512) == 0, "no address for a gate")
        address = chosen
        listener = descriptor
        Threads.start { self.accepting() }
    }

    /// How many connections were refused.
    package var refused: Int { state.withLock { $0.refused } }

    package func open() { state.withLock { $0.isOpen = true } }

    package func shut() {
        state.withLock { state in
            state.isOpen = false
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func accepting() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let mayPass = state.withLock { state in
                if state.isOpen { state.descriptors.formUnion([client, server]) } else { state.refused += 1 }
                return state.isOpen
            }
            guard mayPass, Self.with(target.address, target.port, { connect(server, $0, $1) }) == 0 else {
                forget(client, server)
                continue
            }
            Threads.start {
                let back = Once { self.forget(client, server) }
                Threads.start {
                    Self.pump(server, client)
                    back.call()
                }
                Self.pump(client, server)
                back.call()
            }
        }
        close(listener)
    }

    private func forget(_ client: Int32, _ server: Int32) {
        state.withLock { $0.descriptors.subtract([client, server]) }
        close(client)
        close(server)
    }

    static func pump(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let some = buffer[sent..<count].withUnsafeBytes {
                    send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard some > 0 else { break }
                sent += some
            }
            if sent < count { break }
        }
        shutdown(to, Int32(SHUT_RDWR))
        shutdown(from, Int32(SHUT_RDWR))
    }

    static func with(
        _ address: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &place.sin_addr)
        return withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Calls its body at the second call: when both directions are done.
    private final class Once: Sendable {
        private let count = Mutex(0)
        private let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        func call() {
            let isLast = count.withLock { count in
                count += 1
                return count == 2
            }
            if isLast { body() }
        }
    }
}
