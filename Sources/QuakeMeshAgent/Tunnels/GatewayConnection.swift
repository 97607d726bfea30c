import NIOCore
import NIOHPACK
import NIOHTTP2

/// The gateway's end of a connection that tunnels share: it pings too, and gives up a peer that is silent.
final class GatewayConnection: @unchecked Sendable {
    // Unchecked: everything is touched on channel.eventLoop alone.
    let channel: any Channel
    private let times: TunnelTimes
    private var frames: TunnelFrames?
    private var keepalive: TunnelKeepalive?
    private var timer: Scheduled<Void>?

    init(_ channel: any Channel, times: TunnelTimes) {
        self.channel = channel
        self.times = times
    }

    /// - Parameter accept: sets up each stream behind its codec, and gets its CONNECT.
    func start(_ accept: @escaping @Sendable (any Channel) throws -> Void) throws {
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: TunnelHTTP2.connection, streamConfiguration: TunnelHTTP2.stream
        ) { stream in stream.eventLoop.makeCompletedFuture { try accept(stream) } }
        let frames = TunnelFrames { [weak self] event in self?.happened(event) }
        try pipeline.addHandler(frames)
        self.frames = frames
        let keepalive = TunnelKeepalive(openedAt: Self.now, times: times)
        self.keepalive = keepalive
        wake(at: keepalive.due)
    }

    /// Asks the peer to open no more streams. From any thread.
    func goAway() {
        channel.eventLoop.execute { self.frames?.goAway() }
    }

    private static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    private func happened(_ event: TunnelFrames.Event) {
        switch event {
        case .pong:
            guard keepalive?.answered(at: Self.now) == true, let due = keepalive?.due else { return }
            wake(at: due)
        case .ended:
            timer?.cancel()
            timer = nil
            frames = nil
        case .settings, .goAway: break
        }
    }

    private func wake(at time: Duration) {
        timer?.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.inNanoseconds)))
        timer = channel.eventLoop.scheduleTask(deadline: deadline) { [weak self] in self?.fire() }
    }

    private func fire() {
        guard var keepalive else { return }
        let step = keepalive.fire(at: Self.now)
        self.keepalive = keepalive
        switch step {
        case .wait: break
        case .ping:
            frames?.ping()
            wake(at: keepalive.due)
        case .giveUp: channel.close(promise: nil)
        }
    }
}
