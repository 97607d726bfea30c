import NIOCore
import Synchronization
import Testing

@testable import QuakeMeshAgent

@Suite("A balancer's stream of targets", .timeLimit(.minutes(3)))
struct TargetStreamTests {
    @Test("is opened again, at whichever istiod answers, once the keepalive has found the last one silent")
    func reconnects() async throws {
        let address = "127.79.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        let network = SystemNetwork()
        let count = Mutex(0)
        // The first replica tells its set and then nothing more, as one whose node has died; the second one lives.
        let listener = try await network.listen(host: address, port: TargetStream.port) { channel in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    LineReader(
                        onLine: { line in
                            let text = line.hasSuffix("\r") ? String(line.dropLast()) : line
                            if text.isEmpty {
                                let set = #"[{"node":"n\#(number)","address":"10.0.0.\#(number)","port":30000}]"#
                                channel.writeAndFlush(
                                    ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n\(set)\n"), promise: nil)
                            } else if text == "ping", number > 1 {
                                channel.writeAndFlush(ByteBuffer(string: "pong\n"), promise: nil)
                            }
                        }, onEnd: {}))
            }
        }
        let (sets, output) = AsyncStream<[String]>.makeStream()
        let stream = TargetStream(
            TargetStream.Settings(
                host: address, port: TargetStream.port, token: "t", keepalive: .milliseconds(50),
                keepaliveTimeout: .milliseconds(500)), on: network
        ) { output.yield($0.map(\.node)) }
        var next = sets.makeAsyncIterator()
        #expect(await next.next() == ["n1"])
        #expect(await next.next() == ["n2"])
        #expect(count.withLock { $0 } == 2)
        stream.stop()
        await listener.close()
    }
}
