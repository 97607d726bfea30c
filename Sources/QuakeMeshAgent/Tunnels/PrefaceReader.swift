import NIOCore

/// Tells HTTP/2 with prior knowledge from HTTP/1.1 by a connection's first bytes, then takes itself out.
final class PrefaceReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// How a connection begins (RFC 9113, 3.4); no HTTP/1.1 method begins so.
    private static let preface = Array("PRI ".utf8)

    private var bytes = ByteBuffer()
    private var decide: ((_ isHTTP2: Bool) -> Void)?

    /// - Parameter decide: adds the handlers that follow.
    init(_ decide: @escaping (_ isHTTP2: Bool) -> Void) { self.decide = decide }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let decide else { return context.fireChannelRead(data) }
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        let begin = bytes.readableBytesView.prefix(Self.preface.count)
        let isHTTP2 = begin.elementsEqual(Self.preface)
        guard isHTTP2 || !Self.preface.starts(with: begin) else { return }
        self.decide = nil
        decide(isHTTP2)
        context.fireChannelRead(wrapInboundOut(bytes))
        bytes = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Nothing follows that could close it.
        if decide != nil, let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if decide != nil { context.close(promise: nil) }
        context.fireErrorCaught(error)
    }
}
