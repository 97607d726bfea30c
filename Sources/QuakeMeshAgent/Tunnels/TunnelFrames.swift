import NIOCore
import NIOHPACK
import NIOHTTP2

/// An HTTP/2 connection's own frames: SETTINGS, PING and GOAWAY, behind the handler that serves its streams. On the
/// connection's event loop.
final class TunnelFrames: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// What happens on a connection; ``ended(_:)`` is the last.
    enum Event {
        /// The peer's first SETTINGS.
        case settings
        case pong
        case goAway
        /// Closed or reset, with the error that a socket gave.
        case ended((any Error)?)
    }

    private static let leaving = HTTP2PingData(withInteger: 0x474F_4157_4159_2121)

    private var context: ChannelHandlerContext?
    private var onEvent: ((Event) -> Void)?
    private var hasSettings = false
    private var error: (any Error)?

    init(onEvent: @escaping (Event) -> Void) { self.onEvent = onEvent }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func ping() { send(.ping(HTTP2PingData(), ack: false)) }

    /// Asks the peer to open no more streams. Those that are open go on, and so do those that cross this.
    ///
    /// A PING of a known content stands for the GOAWAY of a graceful end (RFC 9113, 6.8): a peer that runs NIO's handler ends
    /// the whole connection where one of its new streams meets a GOAWAY, which Go's and Rust's libraries do not.
    func goAway() { send(.ping(Self.leaving, ack: false)) }

    /// Closes the connection; no event follows.
    func close() {
        onEvent = nil
        context?.close(promise: nil)
    }

    private func send(_ payload: HTTP2Frame.FramePayload) {
        context?.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings where !hasSettings:
            hasSettings = true
            onEvent?(.settings)
        case .ping(_, ack: true): onEvent?(.pong)
        case .goAway: onEvent?(.goAway)
        case .ping(Self.leaving, ack: false): onEvent?(.goAway)
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Sockets of the mesh may be half-closed; an HTTP/2 connection is over then.
        if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // One stream's error leaves the others alone.
        guard !(error is NIOHTTP2Errors.StreamError) else { return }
        self.error = self.error ?? error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let onEvent = onEvent
        self.onEvent = nil
        onEvent?(.ended(error))
        context.fireChannelInactive()
    }
}

/// The settings of the tunnels' HTTP/2 connections.
enum TunnelHTTP2 {
    /// A prober opens and resets streams by the hundred: limits against hostile peers are out of its way, with more events a
    /// window than happen. A handler reserves room for each limit's events when it is made, so the windows are short rather
    /// than the limits high.
    private static let frames = (limit: 1000, window: TimeAmount.milliseconds(1))

    static var connection: NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            // More than a source opens on one connection.
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 10_000),
            HTTP2Setting(parameter: .maxHeaderListSize, value: HPACKDecoder.defaultMaxHeaderListSize),
        ]
        configuration.maximumConnectionGlitches = .max
        configuration.controlFrameRateLimit.maximumCount = frames.limit
        configuration.controlFrameRateLimit.windowLength = frames.window
        return configuration
    }

    static var stream: NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.streamResetFrameRateLimit.maximumCount = frames.limit
        configuration.streamResetFrameRateLimit.windowLength = frames.window
        configuration.streamErrorRateLimit.maximumCount = frames.limit
        configuration.streamErrorRateLimit.windowLength = frames.window
        return configuration
    }
}
