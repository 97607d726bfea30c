import NIOCore
import Testing

@testable import QuakeMeshAgent

@Suite("A load balancer's health check", .timeLimit(.minutes(3)))
struct HealthCheckTests {
    @Test("judges a node by answers in a row, and again when it is back, until it is stopped")
    func judges() async throws {
        let address = "127.79.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        let network = SystemNetwork()
        let (verdicts, output) = AsyncStream<Bool>.makeStream()
        let first = try await AdminServer(host: address, on: network)
        let check = HealthCheck(
            of: address, on: network, every: .milliseconds(5), within: .seconds(10), unhealthyAfter: 3, healthyAfter: 1,
            port: { AdminServer.port }, judge: { output.yield($0) })
        var next = verdicts.makeAsyncIterator()
        #expect(await next.next() == true)
        await first.close()
        // Those that were judged before it was closed.
        while await next.next() == true {}
        let second = try await AdminServer(host: address, on: network)
        while await next.next() == false {}
        check.stop()
        await second.close()
        // A stopped one has no say, though its node is gone.
        try await network.group.next().scheduleTask(in: .milliseconds(50)) { output.finish() }.futureResult.get()
        var last: Bool?
        while let verdict = await next.next() { last = verdict }
        #expect(last != false)
    }

    @Test("takes an answer other than 200, and none in time, as failures")
    func failures() async throws {
        let address = "127.79.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        let network = SystemNetwork()
        let loop = network.group.next()
        let silent = try await network.listen(host: address, port: 8001) { $0.eventLoop.makeSucceededVoidFuture() }
        let wrong = try await network.listen(host: address, port: 8002) { channel in
            let text = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
            // It is not open before this returns.
            channel.eventLoop.scheduleTask(in: .milliseconds(5)) {
                channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            }
            return channel.eventLoop.makeSucceededVoidFuture()
        }
        let limits: [(port: Int, timeout: TimeAmount)] = [
            (8001, .milliseconds(100)), (8002, .seconds(30)), (8003, .seconds(30)),
        ]
        for (port, timeout) in limits {
            let passed = try await HealthProbe.passes(host: address, port: port, timeout: timeout, on: network, loop)
                .get()
            #expect(!passed, "port \(port)")
        }
        await silent.close()
        await wrong.close()
    }
}
