import Glibc
import NIOCore
import Synchronization

/// A listening socket that can fall silent without being closed.
final class GatedListener: Sendable {
    /// How it stands towards new connections. Any mode may follow any other.
    enum Mode: Sendable, Equatable {
        /// Accepts.
        case open
        /// They time out: the backlog is 0 and its one slot is taken.
        case silent
        /// The kernel completes handshakes, nobody accepts: a frozen process.
        case stalled
        /// They are refused: there is no socket.
        case closed
    }

    private struct State {
        var mode = Mode.closed
        var descriptor: Int32 = -1
        /// The connection that takes the backlog's slot.
        var filler: Int32 = -1
    }

    let host: String
    let port: Int
    private let acceptor: Acceptor
    private let onAccept: @Sendable (Int32) -> Void
    private let state = Mutex(State())

    /// Begins closed.
    init(host: String, port: Int, acceptor: Acceptor, onAccept: @escaping @Sendable (Int32) -> Void) {
        self.host = host
        self.port = port
        self.acceptor = acceptor
        self.onAccept = onAccept
    }

    deinit { try? set(.closed) }

    var mode: Mode { state.withLock { $0.mode } }

    /// - Throws: `.addresses` if the address cannot be bound.
    func set(_ mode: Mode) throws(EmbeddedError) {
        let problem: EmbeddedError? = state.withLock { state in
            guard state.mode != mode else { return nil }
            if state.descriptor < 0 {
                let opened = Self.bound(host, port)
                guard opened >= 0 else {
                    return EmbeddedError(
                        .addresses, "cannot bind \(host):\(port)", cause: String(cString: strerror(errno)))
                }
                state.descriptor = opened
            }
            leave(&state)
            enter(mode, &state)
            return nil
        }
        if let problem { throw problem }
    }

    private func leave(_ state: inout State) {
        switch state.mode {
        case .open: acceptor.remove(state.descriptor)
        case .silent:
            if state.filler >= 0 { close(state.filler) }
            state.filler = -1
        case .stalled, .closed: break
        }
    }

    private func enter(_ mode: Mode, _ state: inout State) {
        state.mode = mode
        switch mode {
        case .open:
            listen(state.descriptor, 1024)
            acceptor.add(state.descriptor, onAccept: onAccept)
        case .silent:
            listen(state.descriptor, 0)
            state.filler = Self.fill(host, port)
        case .stalled: listen(state.descriptor, 8)
        case .closed:
            // The acceptor may be polling it: closed alone, it would go on listening until that returns.
            shutdown(state.descriptor, Int32(SHUT_RDWR))
            close(state.descriptor)
            state.descriptor = -1
        }
    }

    private static func bound(_ host: String, _ port: Int) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return -1 }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let bound = withAddress(host, port) { Glibc.bind(descriptor, $0, $1) }
        guard bound == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// Takes the one slot that a backlog of 0 leaves. The connection is never read and never written.
    private static func fill(_ host: String, _ port: Int) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return -1 }
        _ = withAddress(host, port) { connect(descriptor, $0, $1) }
        return descriptor
    }

    private static func withAddress(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        guard let address = try? SocketAddress(ipAddress: host, port: port) else { return -1 }
        return address.withSockAddr { body($0, socklen_t($1)) }
    }
}
