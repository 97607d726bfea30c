import Glibc

/// A listener whose backlog is full: the kernel drops every further SYN, as a silent host does.
package final class FullBacklog: Sendable {
    package let port: Int
    private let listener: Int32
    private let fillers: [Int32]

    /// `nil` if the kernel gives no port.
    package init?() {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size) == 0 && listen(descriptor, 0) == 0
                    && getsockname(descriptor, raw, &size) == 0
            }
        }
        guard bound else { return nil }
        port = Int(UInt16(bigEndian: address.sin_port))
        var taken: [Int32] = []
        for _ in 0..<2 {
            let filler = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(filler, $0, size) }
            }
            taken.append(filler)
        }
        fillers = taken
        usleep(20_000)
    }

    deinit { for descriptor in fillers + [listener] { close(descriptor) } }
}
