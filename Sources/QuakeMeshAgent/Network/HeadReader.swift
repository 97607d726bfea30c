import NIOCore

/// The head of an HTTP/1.1 message: its first line and its fields, names in lower case.
struct MessageHead: Sendable {
    var firstLine: String
    var fields: [String: String]

    init(_ text: String) {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        firstLine = lines.first.map(String.init) ?? ""
        fields = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            fields[sides[0].lowercased()] = String(sides[1].drop { $0 == " " })
        }
    }

    /// Of a status line; 0 where there is none.
    var status: Int {
        let parts = firstLine.split(separator: " ")
        return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }
}

/// Reads one message head off a channel, then takes itself out and hands the bytes after it on.
final class HeadReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// How the reading ended without a head.
    enum Failure: Error {
        case eof
        case tooLong
        case channel(any Error)
    }

    private static let limit = 16_384
    private var bytes = ByteBuffer()
    private var done: ((Result<MessageHead, Failure>) -> Void)?

    init(_ done: @escaping (Result<MessageHead, Failure>) -> Void) { self.done = done }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard done != nil else { return context.fireChannelRead(data) }
        var more = unwrapInboundIn(data)
        bytes.writeBuffer(&more)
        guard let end = Self.end(of: bytes) else {
            if bytes.readableBytes > Self.limit { finish(.failure(.tooLong)) }
            return
        }
        let text = bytes.readString(length: end) ?? ""
        let rest = bytes
        let context = context
        finish(.success(MessageHead(text)))
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// Length of the head with its empty line.
    private static func end(of bytes: ByteBuffer) -> Int? {
        let view = bytes.readableBytesView
        var matched = 0
        let mark: [UInt8] = [13, 10, 13, 10]
        for (offset, byte) in view.enumerated() {
            matched = byte == mark[matched] ? matched + 1 : byte == 13 ? 1 : 0
            if matched == 4 { return offset + 1 }
        }
        return nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { finish(.failure(.eof)) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(.eof))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(.channel(error)))
        context.fireErrorCaught(error)
    }

    private func finish(_ result: Result<MessageHead, Failure>) {
        let done = done
        self.done = nil
        done?(result)
    }
}
