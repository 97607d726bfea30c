import NIOCore
import NIOHTTP1

/// One connection of an ``HTTPServer``: takes one request after another and writes its answer before it takes the next.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        /// Of a request, or of nothing yet. Next: answering, echoing, closing.
        case reading
        /// A request is there whole. Next: reading, streaming, closing.
        case answering
        /// The body of an answer is written piece by piece. Next: reading, closing.
        case streaming(Task<Void, Never>)
        /// A request's pieces are its answer's. Next: reading, closing.
        case echoing
        /// Nothing is taken any more.
        case closing
    }

    private enum Event {
        case part(HTTPServerRequestPart)
        case malformed
    }

    private struct Incoming {
        var head: HTTPRequestHead
        var body: [UInt8] = []
    }

    private let channel: any Channel
    private let responder: any HTTPResponder
    private var context: ChannelHandlerContext?
    private var phase = Phase.reading
    private var incoming: Incoming?
    /// What came while an answer was under way.
    private var waiting = CircularBuffer<Event>(initialCapacity: 0)
    private var holdsRead = false
    private var isInputClosed = false
    private var isFinishing = false

    init(_ channel: any Channel, _ responder: any HTTPResponder) {
        self.channel = channel
        self.responder = responder
    }

    private var takesParts: Bool {
        switch phase {
        case .reading, .echoing: true
        case .answering, .streaming, .closing: false
        }
    }

    /// Closes as soon as no answer is under way; ends a stream.
    func finish() {
        isFinishing = true
        switch phase {
        case .reading, .echoing: channel.close(promise: nil)
        case .streaming(let body): body.cancel()
        case .answering, .closing: break
        }
    }

    // MARK: - What comes in

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        waiting.append(.part(unwrapInboundIn(data)))
        drain()
    }

    /// No more is read than what can be answered next. The system still tells of a client that hangs up.
    func read(context: ChannelHandlerContext) {
        guard takesParts, waiting.isEmpty else { return holdsRead = true }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        isInputClosed = true
        switch phase {
        // A stream that has nothing to tell would not notice, and stay with all that it holds.
        case .reading, .echoing, .streaming: channel.close(promise: nil)
        case .answering, .closing: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return channel.close(promise: nil) }
        // Earlier requests are answered first.
        waiting.append(.malformed)
        drain()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .streaming(let body) = phase { body.cancel() }
        phase = .closing
        waiting.removeAll()
        context.fireChannelInactive()
    }

    private func drain() {
        while takesParts, let event = waiting.popFirst() { take(event) }
        guard takesParts else { return }
        if isInputClosed { return channel.close(promise: nil) }
        if holdsRead {
            holdsRead = false
            context?.read()
        }
    }

    private func take(_ event: Event) {
        switch (event, phase) {
        case (.malformed, .echoing): channel.close(promise: nil)
        case (.malformed, _): refuse(.badRequest)
        case (.part(.head(let head)), _): begin(head)
        case (.part(.body(let piece)), .echoing):
            channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece)), promise: nil)
        case (.part(.end), .echoing): end(keepsAlive: true)
        case (.part(.body(let piece)), _): add(piece)
        case (.part(.end), _):
            guard let request = incoming else { return }
            incoming = nil
            answer(request)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        if let fields = responder.echoFields(for: head) {
            phase = .echoing
            let answer = HTTPResponseHead(version: .http1_1, status: .ok, headers: HTTPHeaders(fields))
            return channel.writeAndFlush(HTTPServerResponsePart.head(answer), promise: nil)
        }
        incoming = Incoming(head: head)
        guard head.version == .http1_1, head.headers.first(name: "expect")?.lowercased() == "100-continue" else {
            return
        }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > responder.bodyLimit {
            return refuse(.payloadTooLarge)
        }
        channel.writeAndFlush(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .continue)), promise: nil)
    }

    /// Of a body that is too long, one byte too much is enough to know it.
    private func add(_ piece: ByteBuffer) {
        guard let taken = incoming?.body.count else { return }
        incoming?.body += piece.readableBytesView.prefix(responder.bodyLimit + 1 - taken)
    }

    // MARK: - What goes out

    private func answer(_ incoming: Incoming) {
        let head = incoming.head
        phase = .answering
        guard incoming.body.count <= responder.bodyLimit else {
            return write(SimpleAnswer(status: .payloadTooLarge), to: head)
        }
        let request = SimpleRequest(method: head.method, uri: head.uri, headers: head.headers, body: incoming.body)
        switch responder.reply(to: request) {
        case .now(let answer): write(answer, to: head)
        case .later(let make):
            let (channel, bound) = (channel, NIOLoopBound(self, eventLoop: channel.eventLoop))
            Task {
                let answer = await make()
                // The event loop of a closed connection may be no more.
                guard channel.isActive else { return }
                channel.eventLoop.execute {
                    bound.value.write(answer, to: head)
                    bound.value.drain()
                }
            }
        }
    }

    /// Answers what is not read any further.
    private func refuse(_ status: HTTPResponseStatus) {
        incoming = nil
        phase = .answering
        write(SimpleAnswer(status: status), to: nil)
    }

    /// - Parameter request: `nil` where the connection is good for no other.
    private func write(_ answer: SimpleAnswer, to request: HTTPRequestHead?) {
        guard case .answering = phase else { return }
        let isKept = request?.isKeepAlive == true && !isFinishing
        var head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: HTTPHeaders(answer.fields))
        if !isKept { head.headers.replaceOrAdd(name: "connection", value: "close") }
        let keepsAlive = head.isKeepAlive
        switch answer.content {
        case .bytes(let bytes):
            head.headers.replaceOrAdd(name: "content-length", value: String(bytes.count))
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            if !bytes.isEmpty, request?.method != .HEAD {
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
            }
            end(keepsAlive: keepsAlive)
        case .stream(let body):
            // Chunks are of 1.1; before it a body ends with its connection.
            if let request { head.version = request.version }
            channel.writeAndFlush(HTTPServerResponsePart.head(head), promise: nil)
            guard request?.method != .HEAD else { return channel.close(promise: nil) }
            stream(body, keepsAlive: keepsAlive && head.version == .http1_1)
        }
    }

    private func stream(_ body: @escaping SimpleAnswer.Stream, keepsAlive: Bool) {
        guard case .answering = phase else { return }
        let (channel, bound) = (channel, NIOLoopBound(self, eventLoop: channel.eventLoop))
        let task = Task {
            let isWhole = (try? await body(HTTPStream(channel: channel))) != nil
            guard channel.isActive else { return }
            guard isWhole else { return channel.close(promise: nil) }
            channel.eventLoop.execute { bound.value.streamEnded(keepsAlive: keepsAlive) }
        }
        phase = .streaming(task)
        if isFinishing { task.cancel() }
        if isInputClosed { channel.close(promise: nil) }
    }

    private func streamEnded(keepsAlive: Bool) {
        guard case .streaming = phase else { return }
        end(keepsAlive: keepsAlive)
        drain()
    }

    private func end(keepsAlive: Bool) {
        let written = channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        if case .closing = phase { return }
        if keepsAlive, !isFinishing {
            phase = .reading
        } else {
            phase = .closing
            written.whenComplete { [channel] _ in channel.close(promise: nil) }
        }
    }
}
