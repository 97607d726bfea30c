import NIOCore
import QuakeKube
import QuakeMesh
import Synchronization

/// One address that a balancer may dial.
package struct MeshTarget: Sendable, Hashable, Codable {
    package var node: String
    package var address: String
    package var port: Int

    package init(node: String, address: String, port: Int) {
        self.node = node
        self.address = address
        self.port = port
    }

    /// `node=address:port`.
    package var text: String { "\(node)=\(address):\(port)" }
}

/// A balancer's subscription to the target set of its peer's istiod. If the stream breaks, the last set stays and the
/// stream is opened again.
///
/// On the wire: `GET /v1/targets` with a bearer token, answered by a head without a length and then by lines of JSON,
/// each the whole set; `ping` goes up and `pong` comes down.
package final class TargetStream: Sendable {
    package static let port = MeshPort.targets

    /// How a stream is kept.
    package struct Settings: Sendable {
        package var host: String
        package var port: Int
        package var token: String
        /// A ping so often, and how long its pong may take.
        package var keepalive: Duration
        package var keepaliveTimeout: Duration

        package init(host: String, port: Int, token: String, keepalive: Duration, keepaliveTimeout: Duration) {
            self.host = host
            self.port = port
            self.token = token
            self.keepalive = keepalive
            self.keepaliveTimeout = keepaliveTimeout
        }
    }

    private let settings: Settings
    private let network: any MeshNetwork
    private let onTargets: @Sendable ([MeshTarget]) -> Void
    private let state = Mutex<(stopped: Bool, channel: (any Channel)?)>((false, nil))
    private let retry = TimeAmount.milliseconds(500)

    package init(
        _ settings: Settings, on network: any MeshNetwork, onTargets: @escaping @Sendable ([MeshTarget]) -> Void
    ) {
        self.settings = settings
        self.network = network
        self.onTargets = onTargets
        open()
    }

    /// Closes the stream for good: it does not reconnect.
    package func stop() {
        let channel = state.withLock { state in
            state.stopped = true
            return state.channel
        }
        channel?.close(promise: nil)
    }

    private var isStopped: Bool { state.withLock { $0.stopped } }

    private func open() {
        guard !isStopped, let address = try? SocketAddress(ipAddress: settings.host, port: settings.port) else {
            return
        }
        let loop = network.group.next()
        network.connect(to: address, timeout: .seconds(3), on: loop) { channel in
            channel.eventLoop.makeCompletedFuture {
                let pulse = Pulse(
                    channel, every: self.settings.keepalive, within: self.settings.keepaliveTimeout)
                try channel.pipeline.syncOperations.addHandler(
                    LineReader(
                        onLine: { line in
                            if line == "pong" {
                                pulse.heard()
                            } else if self.received(line) {
                                pulse.began()
                            }
                        },
                        onEnd: {
                            pulse.stop()
                            self.openLater(on: channel.eventLoop)
                        }))
            }
        }.whenComplete { result in
            switch result {
            case .failure: self.openLater(on: loop)
            case .success(let channel):
                let stopped = self.state.withLock { state in
                    state.channel = channel
                    return state.stopped
                }
                if stopped { return channel.close(promise: nil) }
                let request =
                    "GET /v1/targets HTTP/1.1\r\nhost: \(self.settings.host)\r\n"
                    + "authorization: Bearer \(self.settings.token)\r\n\r\n"
                channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
            }
        }
    }

    private func openLater(on loop: any EventLoop) {
        guard !isStopped else { return }
        loop.scheduleTask(in: retry) { self.open() }
    }

    /// Whether it was a target set; everything else is the answer's head.
    private func received(_ line: String) -> Bool {
        guard line.hasPrefix("["), let targets = try? JSONValue(parsing: line).decode([MeshTarget].self) else {
            return false
        }
        onTargets(targets)
        return true
    }
}

/// Pings a stream and closes it when a pong stays out, or its first set: one that answers pings and was never subscribed
/// would stay without targets. Lives on the channel's event loop.
private final class Pulse: @unchecked Sendable {
    // Unchecked: touched on channel.eventLoop alone.
    private let channel: any Channel
    private let within: TimeAmount
    private var repeated: RepeatedTask?
    private var deadline: Scheduled<Void>?
    private var first: Scheduled<Void>?

    init(_ channel: any Channel, every: Duration, within: Duration) {
        self.channel = channel
        self.within = TimeAmount(within)
        repeated = channel.eventLoop.scheduleRepeatedTask(initialDelay: TimeAmount(every), delay: TimeAmount(every)) {
            [weak self] _ in self?.ping()
        }
        first = channel.eventLoop.scheduleTask(in: self.within) { [channel] in channel.close(promise: nil) }
    }

    /// The first set, or a later one, is there.
    func began() {
        first?.cancel()
        first = nil
    }

    private func ping() {
        channel.writeAndFlush(ByteBuffer(string: "ping\n"), promise: nil)
        guard deadline == nil else { return }
        deadline = channel.eventLoop.scheduleTask(in: within) { [channel] in channel.close(promise: nil) }
    }

    func heard() {
        deadline?.cancel()
        deadline = nil
    }

    func stop() {
        repeated?.cancel()
        began()
        heard()
    }
}
