import Dispatch
import Glibc

/// A client that sends and reads bytes as it is told, on threads of Dispatch, for it blocks; it waits 10 s at most.
final class RawClient: Sendable {
    private let descriptor: Int32

    init(port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func send(_ text: String) async {
        let bytes = Array(text.utf8)
        await Self.blocking { [descriptor] in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// What comes until it ends with a text, or what came until nothing more did.
    func read(through end: String) async -> String {
        await collect { $0.suffix(end.utf8.count).elementsEqual(end.utf8) }.text
    }

    /// What comes first.
    func readSome() async -> String { await collect { !$0.isEmpty }.text }

    /// What comes until the server has closed; `nil` if it does not.
    func readToEnd() async -> String? {
        let (text, isClosed) = await collect { _ in false }
        return isClosed ? text : nil
    }

    /// Sends no more.
    func hangUp() { shutdown(descriptor, Int32(SHUT_WR)) }

    private func collect(
        until isEnough: @escaping @Sendable ([UInt8]) -> Bool
    ) async -> (text: String, isClosed: Bool) {
        await Self.blocking { [descriptor] in
            var said: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 65_536)
            while !isEnough(said) {
                let count = recv(descriptor, &piece, piece.count, 0)
                guard count > 0 else { return (String(decoding: said, as: UTF8.self), count == 0) }
                said += piece[..<count]
            }
            return (String(decoding: said, as: UTF8.self), false)
        }
    }

    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
