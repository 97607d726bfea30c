import Glibc
import QuakeBase
import QuakeCurl
package import QuakeRecord
import Synchronization

/// An open-loop prober: lanes of requests on one thread, one epoll and one absolute timer.
///
/// Slot n of a lane is due at t0 + n·T and never waits for an earlier one. Lanes start and stop while others run.
package final class Prober: TrafficProber {
    package let clock: RunClock
    /// What the kernel gave the prober's thread: `SCHED_FIFO 1`, or `SCHED_OTHER` where it may not have that.
    package var scheduling: String { granted.withLock { $0.scheduling } }

    /// What its thread has obtained, and what limits its process, by now.
    package var conditions: ProberConditions {
        let (scheduling, nice) = granted.withLock { $0 }
        return ProberConditions(
            scheduling: scheduling, nice: nice, quota: surroundings.group.quota,
            throttling: surroundings.group.throttling)
    }

    /// Processor time of the prober's thread, once it has ended.
    package var processorSeconds: Double { used.withLock { $0 } }

    private let commands = Mutex<[ProberThread.Command]>([])
    private let wake: @Sendable () -> Void
    private let granted = Mutex((scheduling: "SCHED_OTHER", nice: 0))
    private let surroundings: StallSurroundings
    /// Before the prober: what was so without it.
    private let throttledBefore: ControlGroup.Throttling?
    private let used = Mutex(0.0)
    private let finished = Mutex<(done: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    /// Starts the thread.
    ///
    /// - Parameter wasRead: whether records were handed out in a stretch of the monotonic clock: evidence of a stall.
    /// - Throws: `.setUp` if the kernel has no descriptors or threads left.
    package init(
        clock: RunClock, sink: any ProbeSink,
        wasRead: @escaping @Sendable (_ from: Int64, _ to: Int64) -> Bool = { _, _ in false }
    ) throws(ProbeError) {
        self.clock = clock
        let surroundings = StallSurroundings()
        self.surroundings = surroundings
        throttledBefore = surroundings.group.throttling
        Self.raiseDescriptorLimit()
        let loop = UncheckedBox(try EventLoop())
        // Waking is the one thing that other threads may do with the loop.
        wake = { loop.value.wake() }
        let start = UncheckedBox { [weak self] in
            let evidence = StallWitness(surroundings: surroundings, wasRead: wasRead)
            let thread = ProberThread(loop: loop.value, clock: clock, sink: sink, witness: evidence) {
                self?.takeCommands() ?? [.finish]
            }
            let priority = ThreadPriority.take()
            self?.granted.withLock { $0 = priority }
            thread.run()
            surroundings.stop()
            self?.used.withLock { $0 = Double(SystemClock.thread) / 1e9 }
            self?.ended()
        }
        var handle = pthread_t()
        let me = Unmanaged.passRetained(start).toOpaque()
        let code = pthread_create(
            &handle, nil,
            { me in
                guard let me else { return nil }
                Unmanaged<UncheckedBox<() -> Void>>.fromOpaque(me).takeRetainedValue().value()
                return nil
            }, me)
        guard code == 0 else {
            Unmanaged<UncheckedBox<() -> Void>>.fromOpaque(me).release()
            throw ProbeError(.setUp, "no thread for the prober")
        }
        pthread_detach(handle)
        surroundings.start()
    }

    /// A quota and its throttling since the prober began, where there were any.
    package func facts() async -> [String: String] {
        let now = conditions
        var facts: [String: String] = [:]
        if now.quota != nil { facts["prober CPU quota"] = now.quotaWords }
        if let throttled = now.throttling?.since(throttledBefore ?? .init()), throttled.times > 0 {
            facts["prober throttled"] = throttled.words
        }
        return facts
    }

    /// Starts a lane. Returns it with its origin, as it is to be archived.
    ///
    /// - Throws: `.lane` for a lane without a rate, `.setUp` where libcurl has no handle left.
    package func start(_ spec: LaneSpec) async throws(ProbeError) -> Lane {
        if spec.lane.period <= .zero { throw ProbeError(.lane, "a lane without a rate") }
        let lane = await withCheckedContinuation { continuation in send(.start(spec, continuation)) }
        guard let lane else { throw ProbeError(.setUp, "lane \(spec.lane.traffic) could not be set up") }
        return lane
    }

    /// Sends no slot that is due from now on, and returns when every request under way has ended, at the latest by its
    /// hard time-out.
    package func stop(_ id: LaneID) async { await stop(id, at: nil) }

    /// Sends what is due before a moment on its clock, and returns as ``stop(_:)`` does.
    package func stop(_ id: LaneID, at moment: RunInstant?) async {
        await withCheckedContinuation { continuation in send(.stop(id, at: moment, continuation)) }
    }

    /// Sends new connections of a lane elsewhere.
    package func move(_ id: LaneID, to address: ProbeAddress?) { send(.move(id, address)) }

    /// Stops all lanes as ``stop(_:)`` does, and the thread.
    package func close() async {
        send(.finish)
        await withCheckedContinuation { continuation in
            let isOver = finished.withLock { state in
                if !state.done { state.waiters.append(continuation) }
                return state.done
            }
            if isOver { continuation.resume() }
        }
    }

    private func send(_ command: ProberThread.Command) {
        commands.withLock { $0.append(command) }
        wake()
    }

    private func takeCommands() -> [ProberThread.Command] {
        commands.withLock { commands in
            defer { commands = [] }
            return commands
        }
    }

    private func ended() {
        let waiters = finished.withLock { state in
            state.done = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Carries something to the prober's thread that never leaves it again.
private final class UncheckedBox<Value>: @unchecked Sendable {
    // Unchecked: made before the thread begins, and then used by it alone, but for EventLoop.wake, which any thread
    // may call.
    let value: Value

    init(_ value: Value) { self.value = value }
}
