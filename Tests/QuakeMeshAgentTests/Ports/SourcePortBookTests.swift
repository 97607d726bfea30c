import Foundation
import NIOCore
import NIOEmbedded
import QuakeRecord
import Synchronization
import Testing

@testable import QuakeMeshAgent

@Suite("A network with source ports", .timeLimit(.minutes(3)))
struct SourcePortBookTests {
    private final class Scene: Sendable {
        let now = Mutex(Duration.zero)
        let warnings = Mutex<[String]>([])
        let asked = Mutex<[Int?]>([])

        func book(_ range: ClosedRange<UInt16>, start: Int = 0) -> SourcePortBook {
            SourcePortBook(
                SourcePorts(range: range, rest: .seconds(130), start: start), clock: { self.now.withLock { $0 } },
                warn: { words in self.warnings.withLock { $0.append(words) } })
        }
    }

    private static let west = try? SocketAddress(ipAddress: "172.18.0.4", port: 31_080)

    /// Connects in vain: each attempt ends with an error of `codes`, and with a time-out when they are used up.
    private func fail(_ book: SourcePortBook, _ scene: Scene, with codes: [Int32]) throws {
        let loop = EmbeddedEventLoop()
        let left = Mutex(codes)
        let future = book.connect(to: try #require(Self.west), on: loop) { source in
            scene.asked.withLock { $0.append(source?.port) }
            let code = left.withLock { $0.isEmpty ? ETIMEDOUT : $0.removeFirst() }
            return loop.makeFailedFuture(IOError(errnoCode: code, reason: "connect"))
        }
        loop.run()
        #expect(throws: IOError.self) { try future.wait() }
    }

    @Test("tries the next port where another socket holds one, and no other after any other failure")
    func held() throws {
        let scene = Scene()
        let book = scene.book(40_000...40_009)
        try fail(book, scene, with: [EADDRINUSE, EADDRNOTAVAIL])
        #expect(scene.asked.withLock { $0 } == [40_000, 40_001, 40_002])
        try fail(book, scene, with: [])
        #expect(scene.asked.withLock { $0.last } == 40_003)
        #expect(scene.warnings.withLock { $0.isEmpty })
    }

    @Test("lets the kernel choose where all are held or rest, and says so at the first, tenth and hundredth time")
    func exhausted() throws {
        let scene = Scene()
        let book = scene.book(40_000...40_001)
        try fail(book, scene, with: [EADDRINUSE, EADDRINUSE])
        #expect(scene.asked.withLock { $0 } == [40_000, 40_001, nil])
        for _ in 0..<99 { try fail(book, scene, with: []) }
        #expect(scene.asked.withLock { $0.dropFirst(3).allSatisfy { $0 == nil } })
        let warnings = scene.warnings.withLock { $0 }
        #expect(warnings.count == 3)
        #expect(warnings.first?.hasPrefix("172.18.0.4:31080 is dialled so often that no source port") == true)
        #expect(warnings.last?.contains("the kernel chose 100 so far") == true)
        scene.now.withLock { $0 = .seconds(130) }
        try fail(book, scene, with: [])
        #expect(scene.asked.withLock { $0.last } == 40_000)
    }

    /// Listens until a test has connected.
    private func withListener(
        _ body: (SystemNetwork, SocketAddress, AsyncStream<Int>) async throws -> Void
    ) async throws {
        let network = SystemNetwork()
        let (ports, seen) = AsyncStream<Int>.makeStream()
        var bound: Int?
        // The system's choice of a port is not told by the listener: asked for until one is free.
        var listener: (any MeshListener)?
        for port in 20_000..<20_050 where listener == nil {
            listener = try? await network.listen(host: "127.0.0.1", port: port) { channel in
                seen.yield(channel.remoteAddress?.port ?? 0)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            if listener != nil { bound = port }
        }
        try await body(network, SocketAddress(ipAddress: "127.0.0.1", port: try #require(bound)), ports)
        await listener?.close()
    }

    private func connect(_ network: SystemNetwork, to address: SocketAddress) async throws -> any Channel {
        try await network.connect(to: address, timeout: .seconds(5), on: network.group.next()) { channel in
            channel.eventLoop.makeSucceededVoidFuture()
        }.get()
    }

    @Test("connects from the ports of its choice, and from none that was used before, however soon it ended")
    func connects() async throws {
        try await withListener { plain, address, ports in
            var ports = ports.makeAsyncIterator()
            let scene = Scene()
            let network = plain.from(scene.book(45_000...45_199))
            var seen: [Int] = []
            for _ in 0..<20 {
                let channel = try await connect(network, to: address)
                seen.append(await ports.next() ?? 0)
                #expect(channel.localAddress?.port == seen.last)
                try await channel.close()
            }
            // Others on this machine may hold some of them.
            #expect(
                seen == seen.sorted() && Set(seen).count == 20 && seen.allSatisfy { (45_000...45_199).contains($0) })
            #expect(scene.warnings.withLock { $0.isEmpty })
        }
    }

    @Test("steps over a port that a listener has")
    func stepsOver() async throws {
        try await withListener { plain, address, ports in
            var ports = ports.makeAsyncIterator()
            let taken = UInt16(clamping: address.port ?? 0)
            let channel = try await connect(plain.from(Scene().book(taken...(taken + 20))), to: address)
            let from = await ports.next() ?? 0
            #expect(from > Int(taken) && from <= Int(taken) + 20)
            try await channel.close()
        }
    }

    @Test("a rest of nothing leaves ports to the kernel; the warning of a role goes to its records")
    func roles() throws {
        let ring = RecordRing(capacity: 4, incarnation: "1")
        #expect((SystemNetwork().resting(.zero, warning: ring) as? SystemNetwork)?.choosesPorts == false)
        #expect((SystemNetwork().resting(.seconds(1), warning: ring) as? SystemNetwork)?.choosesPorts == true)
        ring.append(AgentRecord(at: 5, .warning("ports")))
        let page = try JSONEncoder().encode(ring.page(from: 0))
        #expect(String(decoding: page, as: UTF8.self).contains(#"{"warning":{"_0":"ports"}}"#))
        #expect(try JSONDecoder().decode(RecordPage.self, from: page) == ring.page(from: 0))
    }
}
