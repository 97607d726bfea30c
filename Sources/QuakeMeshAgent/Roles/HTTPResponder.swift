package import NIOCore
package import NIOHTTP1
import QuakeRecord

/// A small HTTP/1.1 answer.
package struct SimpleAnswer: Sendable {
    package var status: HTTPResponseStatus = .ok
    package var fields: [(String, String)] = []
    package var body: [UInt8] = []

    package init(status: HTTPResponseStatus = .ok, fields: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// A small HTTP/1.1 request.
package struct SimpleRequest: Sendable {
    package var method: HTTPMethod
    /// Path and query, as sent.
    package var uri: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
}

/// Answers each request of a connection by a function of it; keep-alive as HTTP/1.1 has it.
package final class HTTPResponder: ChannelInboundHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    /// Answers on the channel's event loop.
    package typealias Answer = @Sendable (SimpleRequest, any EventLoop) -> EventLoopFuture<SimpleAnswer>

    /// A longer body is answered with 413.
    private static let limit = 1 << 20
    private let answer: Answer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    /// Fields of the answer to a stream; `nil` where there is none.
    private let streamFields: [(String, String)]?
    private var isStreaming = false

    private init(_ answer: @escaping Answer, streamFields: [(String, String)]?) {
        self.answer = answer
        self.streamFields = streamFields
    }

    /// Sets up a channel for it.
    ///
    /// - Parameter streamFields: a request of type ``ConnectionMode/streamContentType`` is answered at once, with these
    ///   fields, and each piece of its body with the same piece; without them it is a request like any other.
    package static func setUp(
        _ channel: any Channel, echoingStreamsWith streamFields: [(String, String)]? = nil,
        answering answer: @escaping Answer
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
            try channel.pipeline.syncOperations.addHandler(HTTPResponder(answer, streamFields: streamFields))
        }
    }

    /// Sets up a channel whose requests are answered by their heads alone.
    static func setUp(
        _ channel: any Channel, _ answer: @escaping @Sendable (HTTPRequestHead) -> SimpleAnswer
    ) -> EventLoopFuture<Void> {
        setUp(channel) { request, loop in
            loop.makeSucceededFuture(
                answer(HTTPRequestHead(version: .http1_1, method: request.method, uri: request.uri)))
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let streamFields, head.headers.first(name: "content-type") == ConnectionMode.streamContentType {
                isStreaming = true
                return beginStream(streamFields, context)
            }
            self.head = head
            body = []
        case .body(let part) where isStreaming:
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
        case .end where isStreaming:
            isStreaming = false
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .body(let part): if body.count <= Self.limit { body += part.readableBytesView }
        case .end:
            guard let head else { return }
            self.head = nil
            guard body.count <= Self.limit else {
                return write(SimpleAnswer(status: .payloadTooLarge), to: head, context)
            }
            let request = SimpleRequest(
                method: head.method, uri: head.uri, headers: head.headers, body: body)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            answer(request, context.eventLoop).hop(to: context.eventLoop).whenComplete { result in
                let reply = (try? result.get()) ?? SimpleAnswer(status: .internalServerError)
                bound.value.0.write(reply, to: head, bound.value.1)
            }
        }
    }

    private func beginStream(_ fields: [(String, String)], _ context: ChannelHandlerContext) {
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: HTTPHeaders(fields))
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func write(_ reply: SimpleAnswer, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = HTTPResponseHead(version: .http1_1, status: reply.status)
        for (name, value) in reply.fields { head.headers.add(name: name, value: value) }
        head.headers.replaceOrAdd(name: "content-length", value: String(reply.body.count))
        if !request.isKeepAlive { head.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if !request.isKeepAlive {
            let channel = context.channel
            end.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
