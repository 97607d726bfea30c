import Glibc
import QuakeBase
import Testing

@testable import QuakeProbe

@Suite("The kernel's date of an answer")
struct SocketAgeTests {
    /// The two ends of a TCP connection over loopback.
    private func connection() throws -> (from: Int32, to: Int32) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        let from = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, raw, &size) == 0
                    && connect(from, raw, size) == 0
            }
        }
        try #require(isConnected)
        return (from, accept(listener, nil, nil))
    }

    @Test("is the moment of its last packet, however late it is read")
    func late() throws {
        let (from, to) = try connection()
        defer {
            close(from)
            close(to)
        }
        SocketAge.prepare(to)
        #expect(SocketAge.nanosSinceData(to) == nil, "nothing has come yet")
        // The kernel begins to date a moment after it was asked to.
        for byte in UInt8(0)..<100 {
            var byte = byte
            send(from, &byte, 1, 0)
            if SocketAge.nanosSinceData(to) != nil { break }
            usleep(1000)
        }
        var last: UInt8 = 255
        let before = SystemClock.monotonic
        send(from, &last, 1, 0)
        let after = SystemClock.monotonic
        usleep(60_000)
        let asked = SystemClock.monotonic
        let age = try #require(SocketAge.nanosSinceData(to))
        let told = SystemClock.monotonic
        #expect(told - age >= before && asked - age <= after)
        #expect(age >= 55_000_000)
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = read(to, &bytes, bytes.count)
        #expect(count > 0 && bytes[count - 1] == 255, "looking takes nothing away")
    }
}
