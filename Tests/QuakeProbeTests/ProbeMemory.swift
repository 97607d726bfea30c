import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

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

    /// Whether the prober said that it had stood still, or could not send all that was due.
    var isSuspect: Bool {
        // A slot that was sent a little late says so for its second alone, and without a stretch.
        events.withLock {
            $0.contains { if case .suspect(let from, let to, _, _) = $0.what { from < to } else { false } }
        }
            || samples.withLock { $0.contains { $0.outcome == .clientOverload } }
    }
}

/// How often ``probing(_:for:attempts:by:meanwhile:)`` tries where nothing forbids another attempt.
let probingAttempts = 20

/// Probes one lane for a while, and again where this machine stood still meanwhile: then what was recorded is no evidence.
/// A machine that never has so much time to spare fails the test, which says so.
/// - Parameter attempts: at most so many; one where a server or the network is no longer what it was at first, which is
///   taken as it is.
/// - Returns: what the last attempt recorded, and its lane.
func probing(
    _ spec: LaneSpec, for length: Duration, attempts: Int = probingAttempts,
    by prober: (Memory) throws -> Prober = { try Prober(clock: RunClock(), sink: $0) },
    meanwhile: () async throws -> Void = {}
) async throws -> (memory: Memory, lane: Lane) {
    await Turn.shared.take()
    defer { Turn.shared.give() }
    var attempt = 1
    while true {
        let memory = Memory()
        let canary = Canary()
        defer { canary.stop() }
        let prober = try prober(memory)
        let lane = try await prober.start(spec)
        try await Task.sleep(for: length)
        try await meanwhile()
        await prober.stop(lane.id)
        await prober.close()
        let overslept = canary.stop()
        let isDisturbed = memory.isSuspect || overslept > .milliseconds(40)
        if !isDisturbed || attempts == 1 { return (memory, lane) }
        try #require(
            attempt < attempts, "this machine stood still in each of \(attempts) attempts, \(overslept) in the last")
        attempt += 1
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
