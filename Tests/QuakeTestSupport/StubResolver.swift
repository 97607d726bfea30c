import Glibc
import Synchronization

/// A name server on 127.0.0.1:53 of the calling thread's network: every question gets the same answer, or none.
package final class StubResolver: Sendable {
    /// RCODE of an answer.
    package enum Answer: UInt8, Sendable {
        case serverFailure = 2
        case noSuchName = 3
        /// Silence.
        case none = 255
    }

    private let descriptor: Int32
    private let count = Mutex(0)

    /// `nil` where the port cannot be had.
    package init?(_ answer: Answer) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(53).bigEndian
        let own = descriptor
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard bound else { return nil }
        Threads.start { self.serve(answer) }
    }

    /// How many questions came.
    package var questions: Int { count.withLock { $0 } }

    package func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve(_ answer: Answer) {
        var message = [UInt8](repeating: 0, count: 1500)
        while true {
            var peer = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let length = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &message, message.count, 0, $0, &size)
                }
            }
            guard length >= 12 else { break }
            count.withLock { $0 += 1 }
            if answer == .none { continue }
            // RFC 1035, 4.1.1: a response, recursion available, and the code; the question stands as it came.
            message[2] |= 0x80
            message[3] = 0x80 | answer.rawValue
            _ = withUnsafePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, message, length, 0, $0, size)
                }
            }
        }
        close(descriptor)
    }
}
