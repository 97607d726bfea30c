import NIOCore
import NIOHTTP1

/// A small HTTP/1.1 answer.
struct SimpleAnswer: Sendable {
    var status: HTTPResponseStatus = .ok
    var fields: [(String, String)] = []
    var body: [UInt8] = []
}

/// Answers each request of a connection by a function of its head; keep-alive as HTTP/1.1 has it.
final class HTTPResponder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequestHead) -> SimpleAnswer
    private var head: HTTPRequestHead?

    init(_ answer: @escaping @Sendable (HTTPRequestHead) -> SimpleAnswer) { self.answer = answer }

    /// Sets up a channel for it.
    static func setUp(
        _ channel: any Channel, _ answer: @escaping @Sendable (HTTPRequestHead) -> SimpleAnswer
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
            try channel.pipeline.syncOperations.addHandler(HTTPResponder(answer))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            respond(to: head, context)
        }
    }

    private func respond(to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let reply = answer(request)
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

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
