import NIOCore
import QuakeBase

/// Runs a ``TunnelKeepalive`` on an event loop, outside a pool.
final class KeepaliveTimer {
    private let loop: any EventLoop
    private let ping: () -> Void
    private let giveUp: () -> Void
    private var keepalive: TunnelKeepalive
    private var timer: Scheduled<Void>?

    /// Begins now: the connection is open.
    ///
    /// - Parameter giveUp: the last call.
    init(on loop: any EventLoop, times: TunnelTimes, ping: @escaping () -> Void, giveUp: @escaping () -> Void) {
        self.loop = loop
        self.ping = ping
        self.giveUp = giveUp
        keepalive = TunnelKeepalive(openedAt: Self.now, times: times)
        wake()
    }

    func pong() {
        if keepalive.answered(at: Self.now) { wake() }
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    private func wake() {
        timer?.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, keepalive.due.inNanoseconds)))
        let me = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleTask(deadline: deadline) { me.value.fire() }
    }

    private func fire() {
        switch keepalive.fire(at: Self.now) {
        case .wait: break
        case .ping:
            ping()
            wake()
        case .giveUp:
            stop()
            giveUp()
        }
    }
}
