import NIOCore
import QuakeBase
import QuakeCluster
import Synchronization

/// Tells when the event loops stood still that carry the clusters' traffic: the process was stopped, or kept from the
/// processor.
///
/// A beat goes round each loop. It is as late as every packet that the loop then had to carry.
final class LoopWatch: Sendable {
    private struct State {
        var stalls: [HostStall] = []
        var count = 0
    }

    private let state = Mutex(State())
    private let beat: TimeAmount
    private let limit: Int64
    /// Who asks each second misses none of these.
    private static let kept = 1000

    /// - Parameters:
    ///   - beat: how often each loop is looked at.
    ///   - limit: a beat that is no later than this is none.
    init(beat: TimeAmount = .milliseconds(20), limit: TimeAmount = .milliseconds(50)) {
        self.beat = beat
        self.limit = limit.nanoseconds
    }

    /// Watches until the group is shut down, or this is let go.
    func watch(_ group: any EventLoopGroup) {
        for loop in group.makeIterator() { next(on: loop) }
    }

    private func next(on loop: any EventLoop) {
        let due = SystemClock.monotonic + beat.nanoseconds
        loop.scheduleTask(in: beat) { [weak self] in
            guard let self else { return }
            let now = SystemClock.monotonic
            if now - due > limit { add(from: due, to: now) }
            next(on: loop)
        }
    }

    private func add(from: Int64, to: Int64) {
        state.withLock { state in
            state.count += 1
            if state.stalls.count == Self.kept { state.stalls.removeFirst(Self.kept / 2) }
            state.stalls.append(HostStall(number: state.count, from: from, to: to))
        }
    }

    /// Those with a greater number, in order, of the last hundreds.
    func stalls(after number: Int) -> [HostStall] {
        state.withLock { $0.stalls.filter { $0.number > number } }
    }
}
