import NIOCore
import QuakeBase
import QuakeCluster
import Synchronization

/// Tells when the event loops stood still that carry the clusters' traffic: the process was stopped, or kept from the
/// processor.
///
/// A beat goes round each loop. It is as late as every packet that the loop then had to carry. Beats begin with the first
/// question and end a while after the last one: clusters that no run uses need no watch, and a hundred wakings a second were
/// a good part of what they cost.
final class LoopWatch: Sendable {
    private struct State {
        var stalls: [HostStall] = []
        var count = 0
        var loops: [any EventLoop] = []
        /// Which beats go round; `nil` while none do.
        var round: Int?
        var rounds = 0
        /// Of the monotonic clock.
        var asked = Int64.min
    }

    private let state = Mutex(State())
    private let beat: TimeAmount
    private let limit: Int64
    private let patience: Int64
    /// Who asks each second misses none of these.
    private static let kept = 1000

    /// - Parameters:
    ///   - beat: how often each loop is looked at.
    ///   - limit: a beat that is no later than this is none.
    ///   - patience: how long after the last question.
    init(
        beat: TimeAmount = .milliseconds(20), limit: TimeAmount = .milliseconds(50), patience: TimeAmount = .seconds(60)
    ) {
        self.beat = beat
        self.limit = limit.nanoseconds
        self.patience = patience.nanoseconds
    }

    /// Takes the loops that are to be watched while anybody asks, until they are shut down or this is let go.
    func watch(_ group: any EventLoopGroup) {
        state.withLock { $0.loops += Array(group.makeIterator()) }
    }

    /// Whether beats go round.
    var isWatching: Bool { state.withLock { $0.round != nil } }

    private func next(on loop: any EventLoop, _ round: Int) {
        let due = SystemClock.monotonic + beat.nanoseconds
        loop.scheduleTask(in: beat) { [weak self] in
            guard let self else { return }
            let now = SystemClock.monotonic
            if ended(round, from: due, to: now) { return }
            next(on: loop, round)
        }
    }

    /// Takes a beat in.
    ///
    /// - Returns: whether it was its round's last on this loop.
    private func ended(_ round: Int, from due: Int64, to now: Int64) -> Bool {
        state.withLock { state in
            guard state.round == round else { return true }
            if now - due > limit {
                state.count += 1
                if state.stalls.count == Self.kept { state.stalls.removeFirst(Self.kept / 2) }
                state.stalls.append(HostStall(number: state.count, from: due, to: now))
            }
            // What held this loop up may have kept the question, too.
            if due - state.asked > patience { state.round = nil }
            return state.round == nil
        }
    }

    /// Those with a greater number, in order, of the last hundreds. To ask begins the watch, where it is not kept already.
    func stalls(after number: Int) -> [HostStall] {
        let (stalls, begun) = state.withLock { state -> ([HostStall], (loops: [any EventLoop], round: Int)?) in
            state.asked = SystemClock.monotonic
            let stalls = state.stalls.filter { $0.number > number }
            guard state.round == nil else { return (stalls, nil) }
            state.rounds += 1
            state.round = state.rounds
            return (stalls, (state.loops, state.rounds))
        }
        for loop in begun?.loops ?? [] { next(on: loop, begun?.round ?? 0) }
        return stalls
    }
}
