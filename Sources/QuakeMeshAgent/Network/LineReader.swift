import NIOCore

/// Cuts a stream of bytes into lines.
final class LineReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var bytes = ByteBuffer()
    private let onLine: (String) -> Void
    private let onEnd: () -> Void
    private var ended = false

    /// - Parameters:
    ///   - onLine: gets each line without its end.
    ///   - onEnd: called once, however the stream ends.
    init(onLine: @escaping (String) -> Void, onEnd: @escaping () -> Void) {
        self.onLine = onLine
        self.onEnd = onEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        while let end = bytes.readableBytesView.firstIndex(of: 10) {
            let line = bytes.readString(length: end - bytes.readerIndex) ?? ""
            bytes.moveReaderIndex(forwardBy: 1)
            onLine(line)
        }
        bytes.discardReadBytes()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func end() {
        guard !ended else { return }
        ended = true
        onEnd()
    }
}
