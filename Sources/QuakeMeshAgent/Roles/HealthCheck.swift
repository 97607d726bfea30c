import NIOCore
import Synchronization

/// A load balancer's health check of one node: a GET that must be answered with 200 in time, and the next one a while after
/// it has ended, until it is stopped.
///
/// All of it happens on one event loop. A task that sleeps and awaits would wake five threads for each check, and clusters
/// that nobody uses have dozens of checks a second.
final class HealthCheck: Sendable {
    private struct State {
        var isStopped = false
        var next: Scheduled<Void>?
        var failures = 0
        var successes = 0
    }

    private let address: String
    private let network: any MeshNetwork
    private let loop: any EventLoop
    private let interval: TimeAmount
    private let timeout: TimeAmount
    private let unhealthyAfter: Int
    private let healthyAfter: Int
    private let port: @Sendable () -> Int
    private let judge: @Sendable (Bool) -> Void
    private let state = Mutex(State())

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - interval: from the end of one check to the next.
    ///   - timeout: how long one may take.
    ///   - unhealthyAfter: how many in a row must fail for a node to be judged so.
    ///   - port: asked for before each check.
    ///   - judge: told after each check that has a count behind it, on the loop.
    init(
        of address: String, on network: any MeshNetwork, every interval: Duration, within timeout: Duration,
        unhealthyAfter: Int, healthyAfter: Int, port: @escaping @Sendable () -> Int,
        judge: @escaping @Sendable (_ isHealthy: Bool) -> Void
    ) {
        self.address = address
        self.network = network
        loop = network.group.next()
        self.interval = TimeAmount(interval)
        self.timeout = TimeAmount(timeout)
        self.unhealthyAfter = unhealthyAfter
        self.healthyAfter = healthyAfter
        self.port = port
        self.judge = judge
        loop.execute { self.ask() }
    }

    /// Judges nothing from now on.
    func stop() {
        let next = state.withLock { state in
            state.isStopped = true
            return state.next
        }
        next?.cancel()
    }

    private func ask() {
        guard !state.withLock({ $0.isStopped }) else { return }
        HealthProbe.passes(host: address, port: port(), timeout: timeout, on: network, loop).whenComplete { result in
            self.ended((try? result.get()) ?? false)
        }
    }

    private func ended(_ passed: Bool) {
        let verdict = state.withLock { state -> Bool? in
            if state.isStopped { return nil }
            (state.failures, state.successes) = passed ? (0, state.successes + 1) : (state.failures + 1, 0)
            state.next = loop.scheduleTask(in: interval) { self.ask() }
            if state.successes >= healthyAfter { return true }
            return state.failures >= unhealthyAfter ? false : nil
        }
        if let verdict { judge(verdict) }
    }
}

/// One health check: a GET that must be answered with 200 in time.
enum HealthProbe {
    /// Never fails.
    static func passes(
        host: String, port: Int, timeout: TimeAmount, on network: any MeshNetwork, _ loop: any EventLoop
    ) -> EventLoopFuture<Bool> {
        guard let address = try? SocketAddress(ipAddress: host, port: port) else {
            return loop.makeSucceededFuture(false)
        }
        let promise = loop.makePromise(of: Bool.self)
        let limit = loop.scheduleTask(in: timeout) { promise.succeed(false) }
        network.connect(to: address, timeout: timeout, on: loop) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    HeadReader { result in
                        if case .success(let head) = result { promise.succeed(head.status == 200) }
                        if case .failure = result { promise.succeed(false) }
                    })
            }
        }.whenComplete { result in
            switch result {
            case .failure: promise.succeed(false)
            case .success(let channel):
                let request = "GET /healthz HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\r\n"
                channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
                promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            }
        }
        promise.futureResult.whenComplete { _ in limit.cancel() }
        return promise.futureResult
    }
}
