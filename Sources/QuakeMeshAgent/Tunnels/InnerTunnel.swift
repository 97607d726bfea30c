import NIOCore
import NIOHPACK
import NIOHTTP2

/// The tunnel inside a tunnel through a gateway: an HTTP/2 connection on an outer stream, which carries one stream and is
/// not shared (ztunnel 1.27.9's double HBONE). Its pings are its own. On the outer stream's event loop.
final class InnerTunnel: @unchecked Sendable {
    // Unchecked: everything is touched on outer.eventLoop alone.
    /// Of an outer CONNECT whose stream carries an inner connection.
    static let header = "x-peerquake-inner"

    private let outer: any Channel
    private let authority: String
    private let times: TunnelTimes
    private let end = TunnelEnd()
    private var answered: ((_ status: String, _ end: TunnelEnd) -> Void)?
    private var frames: TunnelFrames?
    private var streams: NIOHTTP2Handler.StreamMultiplexer?
    private var keepalive: KeepaliveTimer?

    init(on outer: any Channel, authority: String, times: TunnelTimes) {
        self.outer = outer
        self.authority = authority
        self.times = times
    }

    /// Neither the handshake nor the answer has a limit.
    ///
    /// - Parameter answered: gets the inner CONNECT's answer. Not called where the outer stream ends before.
    func start(answered: @escaping (_ status: String, _ end: TunnelEnd) -> Void) throws {
        self.answered = answered
        let pipeline = outer.pipeline.syncOperations
        streams = try pipeline.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: TunnelHTTP2.connection, streamConfiguration: TunnelHTTP2.stream
        ) { $0.close() }
        // The outer stream's pipeline keeps this alive until the stream ends.
        let frames = TunnelFrames { event in self.happened(event) }
        try pipeline.addHandler(frames)
        self.frames = frames
    }

    /// Resets what was joined to the tunnel, and the outer stream.
    func abort() {
        end.abort()
        outer.close(promise: nil)
    }

    private func happened(_ event: TunnelFrames.Event) {
        switch event {
        case .settings:
            keepalive = KeepaliveTimer(on: outer.eventLoop, times: times) { [weak self] in
                self?.frames?.ping()
            } giveUp: { [weak self] in
                self?.abort()
            }
            connect()
        case .pong: keepalive?.pong()
        case .goAway: break
        case .ended:
            keepalive?.stop()
            answered = nil
            frames = nil
            streams = nil
        }
    }

    private func connect() {
        let head: HPACKHeaders = [":method": "CONNECT", ":authority": authority]
        streams?.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                let codec = TunnelStream(opening: head) { self.tookAnswer($0) }
                try stream.pipeline.syncOperations.addHandler(codec)
                try stream.pipeline.syncOperations.addHandler(self.end)
                stream.closeFuture.whenComplete { _ in self.outer.close(promise: nil) }
            }
        }.whenFailure { _ in self.outer.close(promise: nil) }
    }

    private func tookAnswer(_ head: HPACKHeaders) {
        let answered = answered
        self.answered = nil
        answered?(head.first(name: ":status") ?? "", end)
    }
}
