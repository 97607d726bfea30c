import NIOCore
import NIOHPACK
import NIOHTTP2

/// Turns an HTTP/2 stream into a tunnel's bytes: DATA carries them, END_STREAM is the end of one direction.
///
/// A stream that ends before its peer said END_STREAM, by RST_STREAM or with its connection, is an error to what comes
/// after this handler. On the stream's event loop.
final class TunnelStream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var context: ChannelHandlerContext?
    private var opening: HPACKHeaders?
    private var onHead: ((HPACKHeaders) -> Void)?
    private var inputEnded = false
    private var outputEnded = false

    /// - Parameters:
    ///   - opening: is sent as soon as the stream is active.
    ///   - onHead: gets the peer's first HEADERS: a CONNECT, or the answer to one.
    init(opening: HPACKHeaders? = nil, onHead: @escaping (HPACKHeaders) -> Void) {
        self.opening = opening
        self.onHead = onHead
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Sends HEADERS; with `endStream` nothing follows.
    func send(_ head: HPACKHeaders, endStream: Bool = false) {
        outputEnded = outputEnded || endStream
        let frame = HTTP2Frame.FramePayload.headers(.init(headers: head, endStream: endStream))
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let opening { send(opening) }
        opening = nil
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let head):
            let onHead = onHead
            self.onHead = nil
            onHead?(head.headers)
            if head.endStream { endInput(context) }
        case .data(let piece):
            if case .byteBuffer(let bytes) = piece.data, bytes.readableBytes > 0 {
                context.fireChannelRead(wrapInboundOut(bytes))
            }
            if piece.endStream { endInput(context) }
        default: break
        }
    }

    private func endInput(_ context: ChannelHandlerContext) {
        inputEnded = true
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func channelInactive(context: ChannelHandlerContext) {
        onHead = nil
        if !inputEnded { context.fireErrorCaught(ChannelError.eof) }
        context.fireChannelInactive()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let piece = HTTP2Frame.FramePayload.Data(data: .byteBuffer(unwrapOutboundIn(data)))
        context.write(wrapOutboundOut(.data(piece)), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .input: promise?.succeed(())
        case .output: endOutput(context, promise)
        // After both directions' ends the stream closes itself; before, closing it sends RST_STREAM.
        case .all where inputEnded && !outputEnded: endOutput(context, promise)
        case .all: context.close(promise: promise)
        }
    }

    private func endOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard !outputEnded else {
            promise?.succeed(())
            return
        }
        outputEnded = true
        let end = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer()), endStream: true)
        context.writeAndFlush(wrapOutboundOut(.data(end)), promise: promise)
    }
}
