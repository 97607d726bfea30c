import NIOCore
import NIOHTTP1
import NIOPosix
import QuakeHTTP
import Synchronization
import Testing

/// A server on a free port of loopback.
private func withServer(
    _ server: HTTPServer, port: Int = 0, _ body: (Int) async throws -> Void
) async throws {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        .childChannelInitializer(server.accept)
        .bind(host: "127.0.0.1", port: port).get()
    do {
        try await body(listener.localAddress?.port ?? 0)
    } catch {
        try? await listener.close()
        await server.stop()
        throw error
    }
    try? await listener.close()
    await server.stop()
}

/// A door that opens once.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Until the task is cancelled.
    static func never() async {
        let (never, source) = AsyncStream<Never>.makeStream()
        for await _ in never {}
        withExtendedLifetime(source) {}
    }
}

@Suite("An HTTP server", .serialized, .timeLimit(.minutes(2)))
struct HTTPServerTests {
    /// Answers `METHOD /path BODY`.
    @Sendable private static func echo(_ request: SimpleRequest) -> HTTPReply {
        let text = "\(request.method.rawValue) \(request.uri) \(String(decoding: request.body, as: UTF8.self))"
        return .now(SimpleAnswer(fields: [("x-kind", "plain")], body: Array(text.utf8)))
    }

    private static func get(_ path: String, _ fields: String...) -> String {
        "GET \(path) HTTP/1.1\r\nhost: h\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n"
    }

    @Test("answers one request of a connection after another, and closes it when the client asks for it")
    func keepsAlive() async throws {
        try await withServer(HTTPServer(Self.echo)) { port in
            let client = RawClient(port: port)
            await client.send("POST /a?b=c HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi")
            #expect(
                await client.read(through: "hi")
                    == "HTTP/1.1 200 OK\r\nx-kind: plain\r\ncontent-length: 14\r\n\r\nPOST /a?b=c hi")
            await client.send(
                "PUT /b HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
            #expect(await client.read(through: "PUT /b abc").hasSuffix("PUT /b abc"))
            await client.send(Self.get("/", "connection: close"))
            let last = try #require(await client.readToEnd())
            #expect(last.contains("connection: close\r\n") && last.hasSuffix("\r\n\r\nGET / "))
            let old = RawClient(port: port)
            await old.send("GET / HTTP/1.0\r\n\r\n")
            let text = try #require(await old.readToEnd())
            #expect(text.hasSuffix("\r\n\r\nGET / "))
        }
    }

    @Test("answers pipelined requests in their order, however long the first one takes")
    func pipelining() async throws {
        let gate = Gate()
        let answered = Mutex<[String]>([])
        let server = HTTPServer { request in
            answered.withLock { $0.append(request.uri) }
            guard request.uri == "/slow" else { return Self.echo(request) }
            return .later {
                await gate.wait()
                return SimpleAnswer(body: Array("slow".utf8))
            }
        }
        try await withServer(server) { port in
            let client = RawClient(port: port)
            await client.send(Self.get("/slow") + Self.get("/1") + Self.get("/2") + "no HTTP at all\r\n\r\n")
            // Another connection's answer shows that the first one's had time to be wrong.
            let other = RawClient(port: port)
            await other.send(Self.get("/other", "connection: close"))
            #expect(await other.readToEnd() != nil)
            #expect(answered.withLock { !$0.contains("/1") })
            gate.open()
            let text = try #require(await client.readToEnd())
            let order = ["slow", "GET /1 ", "GET /2 ", "400 Bad Request"].map { text.firstRange(of: $0)?.lowerBound }
            #expect(!order.contains(nil) && order.compactMap(\.self) == order.compactMap(\.self).sorted(), "\(text)")
        }
    }

    @Test("answers a client that sends no more but listens still")
    func halfClosed() async throws {
        let gate = Gate()
        let server = HTTPServer { _ in
            .later {
                await gate.wait()
                return SimpleAnswer(body: Array("late".utf8))
            }
        }
        try await withServer(server) { port in
            let client = RawClient(port: port)
            await client.send(Self.get("/"))
            client.hangUp()
            gate.open()
            let text = try #require(await client.readToEnd())
            #expect(text.hasSuffix("late"))
        }
    }

    @Test("answers HEAD with the length of what it leaves out")
    func head() async throws {
        try await withServer(HTTPServer(Self.echo)) { port in
            let client = RawClient(port: port)
            await client.send("HEAD /x HTTP/1.1\r\nhost: h\r\n\r\n" + Self.get("/y", "connection: close"))
            let text = try #require(await client.readToEnd())
            #expect(
                text.hasPrefix("HTTP/1.1 200 OK\r\nx-kind: plain\r\ncontent-length: 8\r\n\r\nHTTP/1.1 200 OK"),
                "\(text)")
        }
    }

    @Test("answers what is not HTTP with 400", arguments: ["hello\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"])
    func malformed(text: String) async throws {
        try await withServer(HTTPServer(Self.echo)) { port in
            let client = RawClient(port: port)
            await client.send(text)
            let answer = try #require(await client.readToEnd())
            #expect(answer == "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        }
    }

    private struct Small: HTTPResponder {
        var bodyLimit: Int { 4 }
        func reply(to request: SimpleRequest) -> HTTPReply { HTTPServerTests.echo(request) }
    }

    @Test("answers a body over the limit with 413, and the next request as ever")
    func tooLong() async throws {
        try await withServer(HTTPServer(Small())) { port in
            let client = RawClient(port: port)
            for (body, status) in [("12345", 413), ("1234", 200)] {
                await client.send("POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: \(body.count)\r\n\r\n\(body)")
                let end = status == 200 ? "/p 1234" : "\r\n\r\n"
                #expect(await client.read(through: end).hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }

    @Test("asks for a body that waits to be asked for, unless it would be too long")
    func expectations() async throws {
        try await withServer(HTTPServer(Small())) { port in
            let post = "POST /p HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: "
            let client = RawClient(port: port)
            await client.send(post + "2\r\n\r\n")
            #expect(await client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            await client.send("ok")
            #expect(await client.read(through: "ok").hasSuffix("\r\n\r\nPOST /p ok"))
            await client.send(post + "5\r\n\r\n")
            let text = try #require(await client.readToEnd())
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    private struct Sending: HTTPResponder {
        func reply(to request: SimpleRequest) -> HTTPReply { .now(SimpleAnswer(status: .notFound)) }
        func echoFields(for head: HTTPRequestHead) -> [(String, String)]? {
            head.uri == "/echo" ? [("x-who", "me")] : nil
        }
    }

    @Test("sends the pieces of a stream back one by one")
    func echoes() async throws {
        try await withServer(HTTPServer(Sending())) { port in
            let client = RawClient(port: port)
            await client.send("POST /echo HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n")
            let head = await client.read(through: "\r\n\r\n")
            #expect(head.contains("x-who: me\r\n") && head.contains("transfer-encoding: chunked\r\n"))
            for word in ["one", "two"] {
                await client.send("3\r\n\(word)\r\n")
                #expect(await client.read(through: "\(word)\r\n") == "3\r\n\(word)\r\n")
            }
            await client.send("0\r\n\r\n" + Self.get("/other", "connection: close"))
            let rest = try #require(await client.readToEnd())
            #expect(rest.hasPrefix("0\r\n\r\nHTTP/1.1 404 "))
        }
    }

    /// Streams a line and then nothing at `/watch`, without an end.
    private static func endless(_ cancelled: Gate) -> HTTPServer {
        HTTPServer { request in
            guard request.uri == "/watch" else { return Self.echo(request) }
            return .later {
                SimpleAnswer(fields: [("connection", "close")]) { stream in
                    try await stream.write(Array("line\n".utf8))
                    await Gate.never()
                    cancelled.open()
                }
            }
        }
    }

    @Test("cancels a stream whose client hangs up, though it has nothing to tell")
    func hangUp() async throws {
        let cancelled = Gate()
        try await withServer(Self.endless(cancelled)) { port in
            let client = RawClient(port: port)
            // What waits behind it does not hide the hang-up.
            await client.send(Self.get("/watch") + Self.get("/next"))
            #expect(await client.read(through: "line\n\r\n").hasSuffix("5\r\nline\n\r\n"))
            client.hangUp()
            await cancelled.wait()
            #expect(await client.readToEnd() == "")
        }
    }

    @Test("ends streams and idle connections when it stops, and leaves the port to the next one")
    func stops() async throws {
        var open: (watching: RawClient, idle: RawClient, port: Int)?
        try await withServer(Self.endless(Gate())) { port in
            let (watching, idle) = (RawClient(port: port), RawClient(port: port))
            await watching.send(Self.get("/watch"))
            #expect(await watching.read(through: "line\n\r\n").hasSuffix("5\r\nline\n\r\n"))
            await idle.send(Self.get("/"))
            #expect(await idle.read(through: "GET / ").hasSuffix("GET / "))
            open = (watching, idle, port)
        }
        let left = try #require(open)
        #expect(await left.watching.readToEnd() == "0\r\n\r\n")
        #expect(await left.idle.readToEnd() == "")
        try await withServer(HTTPServer(Self.echo), port: left.port) { port in
            let client = RawClient(port: port)
            await client.send(Self.get("/", "connection: close"))
            let text = try #require(await client.readToEnd())
            #expect(text.hasSuffix("GET / "))
        }
    }

    @Test("holds a stream up whose client does not read")
    func backPressure() async throws {
        // More than the system's buffers take.
        let size = 64 << 20
        let isWritten = Mutex(false)
        let server = HTTPServer { _ in
            .now(
                SimpleAnswer(fields: [("connection", "close")]) { stream in
                    try await stream.write([UInt8](repeating: UInt8(ascii: "x"), count: size))
                    isWritten.withLock { $0 = true }
                })
        }
        try await withServer(server) { port in
            let client = RawClient(port: port)
            await client.send(Self.get("/"))
            #expect(await client.readSome().hasPrefix("HTTP/1.1 200 OK"))
            #expect(!isWritten.withLock { $0 })
            let rest = try #require(await client.readToEnd())
            #expect(rest.utf8.count > size - 100_000 && rest.hasSuffix("x\r\n0\r\n\r\n"))
            #expect(isWritten.withLock { $0 })
        }
    }

    @Test("stops though a client does not read what is streamed to it")
    func stuck() async throws {
        var client: RawClient?
        let server = HTTPServer { _ in
            .now(
                SimpleAnswer { stream in while true { try await stream.write([UInt8](repeating: 0, count: 1 << 20)) } })
        }
        try await withServer(server) { port in
            let opened = RawClient(port: port)
            await opened.send(Self.get("/"))
            #expect(await opened.readSome().hasPrefix("HTTP/1.1 200 OK"))
            client = opened
        }
        withExtendedLifetime(client) {}
    }

    @Test("answers many connections at once")
    func crowd() async throws {
        let gate = Gate()
        let count = 200
        let arrived = Mutex(0)
        let server = HTTPServer { request in
            .later {
                let number = arrived.withLock { number in
                    number += 1
                    return number
                }
                if number == count { gate.open() }
                await gate.wait()
                return SimpleAnswer(body: Array(request.uri.utf8))
            }
        }
        try await withServer(server) { port in
            let clients = (0..<count).map { _ in RawClient(port: port) }
            for (index, client) in clients.enumerated() { await client.send(Self.get("/\(index)")) }
            for (index, client) in clients.enumerated() {
                #expect(await client.read(through: "/\(index)").hasSuffix("\r\n\r\n/\(index)"))
            }
        }
    }
}
