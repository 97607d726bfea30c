import NIOCore
import NIOHTTP2

/// The far end of a connection that carries tunnels, a gateway's or an inner one's: it pings too, and gives up a peer that
/// is silent.
final class GatewayConnection: @unchecked Sendable {
    // Unchecked: everything is touched on channel.eventLoop alone.
    let channel: any Channel
    private let times: TunnelTimes
    private var frames: TunnelFrames?
    private var keepalive: KeepaliveTimer?

    /// - Parameter channel: a socket's, or an outer stream's.
    init(_ channel: any Channel, times: TunnelTimes) {
        self.channel = channel
        self.times = times
    }

    /// - Parameter accept: sets up each stream.
    func start(_ accept: @escaping @Sendable (any Channel) throws -> Void) throws {
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: TunnelHTTP2.connection, streamConfiguration: TunnelHTTP2.stream
        ) { stream in stream.eventLoop.makeCompletedFuture { try accept(stream) } }
        // The channel's pipeline keeps this alive until the channel is closed.
        let frames = TunnelFrames { event in self.happened(event) }
        try pipeline.addHandler(frames)
        self.frames = frames
        keepalive = KeepaliveTimer(on: channel.eventLoop, times: times) { [weak self] in
            self?.frames?.ping()
        } giveUp: { [weak self] in
            self?.channel.close(promise: nil)
        }
    }

    /// Asks the peer to open no more streams. From any thread.
    func goAway() {
        channel.eventLoop.execute { self.frames?.goAway() }
    }

    private func happened(_ event: TunnelFrames.Event) {
        switch event {
        case .pong: keepalive?.pong()
        case .ended:
            keepalive?.stop()
            frames = nil
        case .settings, .goAway: break
        }
    }
}
