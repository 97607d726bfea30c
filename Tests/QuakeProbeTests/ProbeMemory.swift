import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Keeps what a prober records.
final class Memory: ProbeSink {
    let samples = Mutex<[Sample]>([])
    let texts = Mutex<[String]>([])
    let events = Mutex<[Event]>([])

    func record(_ new: [Sample]) { samples.withLock { $0 += new } }
    func record(_ event: Event) { events.withLock { $0.append(event) } }
    func server(_ identity: ServingIdentity) -> UInt32 { 1 }
    func text(_ text: String) -> UInt32 {
        texts.withLock { texts in
            texts.append(text)
            return UInt32(texts.count)
        }
    }
}

/// One probing at a time: tests that watch the clock must not stand in each other's way.
final class Turn: Sendable {
    static let shared = Turn()

    private let state = Mutex<(isTaken: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func give() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiters.isEmpty else {
                state.isTaken = false
                return nil
            }
            return state.waiters.removeFirst()
        }
        next?.resume()
    }
}
