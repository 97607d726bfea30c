import Foundation
import NIOCore
import NIOHPACK
import NIOPosix
import QuakeBase
import Synchronization
import Testing

@testable import QuakeMeshAgent

@Suite("Tunnels on shared connections, over sockets", .timeLimit(.minutes(3)))
struct SharedTunnelTests {
    @Test("use one connection, carry bytes both ways, and half-close it", arguments: [true, false])
    func share(hasInner: Bool) async throws {
        let mesh = try await Mesh(hasInner: hasInner)
        let first = try await mesh.open()
        let second = try await mesh.open()
        #expect(try await first.exchange("one") == "one")
        #expect(try await second.exchange("two") == "two")
        #expect(mesh.server.accepted == 1)
        try await first.endOutput()
        #expect(await first.end() == .closed)
        #expect(try await second.exchange("three") == "three")
        await mesh.stop()
    }

    @Test("reserve little memory, though each has an HTTP/2 connection inside")
    func memory() async throws {
        let mesh = try await Mesh(hasInner: true)
        let before = try Self.addressSpace()
        var tunnels: [TestClient] = []
        for number in 1...50 {
            let tunnel = try await mesh.open()
            #expect(try await tunnel.exchange("\(number)") == "\(number)")
            tunnels.append(tunnel)
        }
        // A connection of megabytes would be seen above what other tests take meanwhile.
        #expect(try Self.addressSpace() - before < 500)
        await mesh.stop()
    }

    /// Of this process, in MiB.
    private static func addressSpace() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("VmSize:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? "")) / 1024
    }

    @Test("have no connection made inside for clients that left before the gateway answered")
    func left() async throws {
        let mesh = try await Mesh(hasInner: true)
        let first = try await mesh.open()
        try await mesh.server.read(false)
        for _ in 1...5 { try await mesh.connect().reset() }
        while mesh.left < 5 { await Task.yield() }
        try await mesh.server.read(true)
        #expect(try await mesh.open().exchange("one") == "one")
        #expect(try await first.exchange("two") == "two")
        #expect(mesh.server.inner == 2)
        await mesh.stop()
    }

    @Test("dial again above the limit of streams")
    func limit() async throws {
        let mesh = try await Mesh(streamLimit: 2)
        for number in 1...5 { #expect(try await mesh.open().exchange("\(number)") == "\(number)") }
        #expect(mesh.server.accepted == 3)
        await mesh.stop()
    }

    @Test("are reset together when their connection is reset, and the next one dials again")
    func killed() async throws {
        let mesh = try await Mesh()
        let clients = [try await mesh.open(), try await mesh.open()]
        mesh.server.resetAll()
        for client in clients { #expect(await client.end() == .reset) }
        #expect(try await mesh.open().exchange("again") == "again")
        #expect(mesh.server.accepted == 2)
        await mesh.stop()
    }

    @Test("are reset together when their peer falls silent, after a ping's time-out")
    func silent() async throws {
        var times = TunnelTimes()
        times.pingInterval = .milliseconds(50)
        times.pingTimeout = .milliseconds(100)
        let mesh = try await Mesh(times: times)
        let clients = [try await mesh.open(), try await mesh.open()]
        try await mesh.server.fallSilent()
        for client in clients { #expect(await client.end() == .reset) }
        #expect(mesh.server.accepted == 1)
        await mesh.stop()
    }

    @Test("continue after GOAWAY, while the next one dials again")
    func goAway() async throws {
        let mesh = try await Mesh()
        let old = try await mesh.open()
        mesh.server.goAway()
        // A tunnel that comes before the frame still shares: what counts is that a later one does not.
        while mesh.server.accepted == 1 { _ = try await mesh.open() }
        #expect(try await old.exchange("still") == "still")
        await mesh.stop()
    }

    @Test("are not lost when they cross a GOAWAY")
    func crossing() async throws {
        let mesh = try await Mesh()
        for number in 1...20 {
            mesh.server.goAway()
            #expect(try await mesh.open().exchange("\(number)") == "\(number)")
        }
        await mesh.stop()
    }

    @Test("fail where nothing listens, one after another")
    func refused() async throws {
        let mesh = try await Mesh()
        await mesh.server.stop()
        let clients = [try await mesh.connect(), try await mesh.connect()]
        for client in clients { #expect(await client.end() == .reset) }
        await mesh.stop()
    }
}

/// A dialler behind a listener, and the server that it dials.
private final class Mesh: Sendable {
    let server: EchoServer
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    private let dialler: TunnelDialler
    private let listener: any Channel
    private let gone: Gone

    private final class Gone: Sendable {
        let count = Mutex(0)
    }

    init(
        streamLimit: Int = 100, times: TunnelTimes = TunnelTimes(), hasInner: Bool = true
    ) async throws {
        let network = SystemNetwork(group: group)
        let server = try await EchoServer(on: group)
        let loop = group.next()
        let dialler = TunnelDialler(
            TunnelPool(times: times, streamLimit: streamLimit), hasInner: hasInner, on: loop, network: network)
        let gone = Gone()
        listener = try await ServerBootstrap(group: loop)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.closeFuture.whenComplete { _ in gone.count.withLock { $0 += 1 } }
                return channel.eventLoop.makeCompletedFuture {
                    try Asker(channel).start(to: server.address, by: dialler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.gone = gone
        self.server = server
        self.dialler = dialler
    }

    /// Clients that are known to be gone.
    var left: Int { gone.count.withLock { $0 } }

    func connect() async throws -> TestClient {
        guard let address = listener.localAddress else { throw ChannelError.ioOnClosedChannel }
        return try await TestClient(to: address, on: group)
    }

    /// A tunnel that has carried something.
    func open() async throws -> TestClient {
        let client = try await connect()
        _ = try await client.exchange("hello")
        return client
    }

    func stop() async {
        try? await dialler.loop.submit { self.dialler.stop() }.get()
        try? await listener.close()
        await server.stop()
        try? await group.shutdownGracefully()
    }
}

/// Joins a client's connection to its tunnel, as a balancer does.
private final class Asker: TunnelClient {
    private let channel: any Channel
    private let clientEnd = TunnelEnd()

    init(_ channel: any Channel) { self.channel = channel }

    func start(to address: SocketAddress, by dialler: TunnelDialler) throws {
        try channel.pipeline.syncOperations.addHandler(clientEnd)
        dialler.open(
            for: self, from: "client", to: address, authority: "echo:8080", closed: channel.closeFuture)
    }

    func assigned() {}

    func answered(_ head: HPACKHeaders) {}

    func opened(_ end: TunnelEnd) { TunnelEnd.join(clientEnd, end) }

    func rejected() { channel.reset() }

    func failed(_ failure: TunnelPool.Failure, errno: Int32) { channel.reset() }
}

/// A gateway whose backend sends everything back.
private final class EchoServer: Sendable {
    private struct State {
        var accepted = 0
        var inner = 0
        var connections: [GatewayConnection] = []
    }

    let address: SocketAddress
    private let state: SharedState
    private let listener: any Channel

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    init(on group: any EventLoopGroup) async throws {
        let state = SharedState()
        listener = try await ServerBootstrap(group: group)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    state.value.withLock { $0.accepted += 1 }
                    let reader = PrefaceReader { isHTTP2 in
                        guard isHTTP2 else { return channel.close(promise: nil) }
                        let connection = GatewayConnection(channel, times: TunnelTimes())
                        try? connection.start { try Self.serve($0, state) }
                        state.value.withLock { $0.connections.append(connection) }
                    }
                    try channel.pipeline.syncOperations.addHandler(reader)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let address = listener.localAddress else { throw ChannelError.ioOnClosedChannel }
        self.address = address
        self.state = state
    }

    /// Sends back what comes, also through an inner connection.
    private static func serve(_ stream: any Channel, _ state: SharedState) throws {
        let codec = NIOLoopBoundBox<TunnelStream?>(nil, eventLoop: stream.eventLoop)
        let handler = TunnelStream { head in
            guard head.first(name: ":method") == "CONNECT" else { return stream.close(promise: nil) }
            codec.value?.send([":status": "200"])
            if head.contains(name: InnerTunnel.header) {
                try? GatewayConnection(stream, times: TunnelTimes()).start { inner in
                    state.value.withLock { $0.inner += 1 }
                    try serve(inner, state)
                }
            } else {
                try? stream.pipeline.syncOperations.addHandler(EchoHandler())
            }
        }
        codec.value = handler
        stream.closeFuture.whenComplete { _ in codec.value = nil }
        try stream.pipeline.syncOperations.addHandler(handler)
    }

    var accepted: Int { state.value.withLock { $0.accepted } }

    /// Streams of inner connections that were opened.
    var inner: Int { state.value.withLock { $0.inner } }

    func resetAll() {
        for connection in state.value.withLock({ $0.connections }) { connection.channel.reset() }
    }

    func goAway() {
        for connection in state.value.withLock({ $0.connections }) { connection.goAway() }
    }

    /// Reads nothing more; the kernel still acknowledges.
    func fallSilent() async throws { try await read(false) }

    func read(_ isReading: Bool) async throws {
        for connection in state.value.withLock({ $0.connections }) {
            try await connection.channel.setOption(ChannelOptions.autoRead, value: isReading).get()
        }
    }

    func stop() async { try? await listener.close() }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(unwrapInboundIn(data)), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(mode: .output, promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// A plain connection that sends text and waits for what comes back.
private final class TestClient: Sendable {
    enum End: Sendable {
        case closed
        case reset
    }

    private let channel: any Channel
    private let text: AsyncStream<String>
    private let ended: EventLoopFuture<End>

    init(to address: SocketAddress, on group: any EventLoopGroup) async throws {
        let (text, output) = AsyncStream.makeStream(of: String.self)
        let loop = group.next()
        let ended = loop.makePromise(of: End.self)
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Reader(output, ended))
                    }
                }
                .connect(to: address).get()
        } catch {
            // Where the connection is refused, its handler never learns of an end.
            ended.fail(error)
            throw error
        }
        self.text = text
        self.ended = ended.futureResult
    }

    /// Sends text and returns as many characters of the answer.
    func exchange(_ sent: String) async throws -> String {
        try await channel.writeAndFlush(ByteBuffer(string: sent))
        var got = ""
        for await piece in text {
            got += piece
            if got.count >= sent.count { break }
        }
        return got
    }

    func endOutput() async throws { try await channel.close(mode: .output) }

    func end() async -> End? { try? await ended.get() }

    func reset() { channel.reset() }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let output: AsyncStream<String>.Continuation
        private let ended: EventLoopPromise<End>
        private var end = End.closed

        init(_ output: AsyncStream<String>.Continuation, _ ended: EventLoopPromise<End>) {
            self.output = output
            self.ended = ended
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            output.yield(String(buffer: unwrapInboundIn(data)))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            end = .reset
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            output.finish()
            ended.succeed(end)
        }
    }
}
