import QuakeBase
import QuakeTestSupport
import Synchronization
import Testing

@Suite struct PollTests {
    private let clock = ManualClock()

    @Test func returnsAtTheFirstLookThatShowsIt() async throws {
        var looks = 0
        let value = try await poll(until: "three looks", within: .seconds(10), every: .seconds(1), clock: clock) {
            looks += 1
            return looks == 3 ? .met(looks) : .notYet("\(looks)")
        }
        #expect(value == 3)
        #expect(clock.sleeps == [.seconds(1), .seconds(1)])
    }

    @Test func namesWhatWasAwaitedAndTheLastObservation() async {
        var looks = 0
        let error = await #expect(throws: PollTimeout.self) {
            try await poll(until: "west-worker2 Ready", within: .milliseconds(2500), every: .seconds(1), clock: clock) {
                looks += 1
                return Look<Int>.notYet("Ready=Unknown, look \(looks)")
            }
        }
        #expect(error?.description == "west-worker2 Ready: not within 2.5 s; last seen: Ready=Unknown, look 4")
    }

    /// A pause that is longer than the limit does not lengthen the wait, and what came in time is seen.
    @Test func looksOnceMoreWhenTheTimeIsUp() async throws {
        let clock = clock
        let value = try await poll(until: "it", within: .seconds(3), every: .seconds(60), clock: clock) {
            clock.now.offset >= .seconds(3) ? .met(true) : .notYet("no")
        }
        #expect(value)
        #expect(clock.now.offset == .seconds(3))
    }

    @Test func tellsWhatALongWaitWaitsForAndNothingOfAShortOne() async throws {
        let clock = clock
        let said = Mutex<[String]>([])
        try await Waits.$listener.withValue(Waits.Listener { words in said.withLock { $0.append(words) } }) {
            for limit in [4, 40] {
                let began = clock.now
                try await poll(until: "the mesh", within: .seconds(limit + 1), every: .seconds(1), clock: clock) {
                    () -> Look<Void> in
                    let seconds = began.duration(to: clock.now).components.seconds
                    return seconds >= limit ? .met(()) : .notYet("\(seconds) parts")
                }
            }
        }
        #expect(
            said.withLock { $0 } == [
                "waiting for the mesh, 5 of at most 41 s: 5 parts",
                "waiting for the mesh, 20 of at most 41 s: 20 parts",
                "waiting for the mesh, 35 of at most 41 s: 35 parts",
            ])
    }

    @Test func tellsNobodyWhereNobodyListens() async throws {
        let clock = clock
        let value = try await poll(until: "it", within: .seconds(60), every: .seconds(1), clock: clock) {
            clock.now.offset >= .seconds(50) ? .met(true) : .notYet("no")
        }
        #expect(value)
        let direct = await Waits.telling("it", within: .seconds(1)) { 7 }
        #expect(direct == 7)
    }

    @Test func endsAtOnceWhenTheLookThrows() async {
        struct Died: Error {}
        await #expect(throws: Died.self) {
            try await poll(until: "it", within: .seconds(3), every: .seconds(1), clock: clock) { () -> Look<Int> in
                throw Died()
            }
        }
        #expect(clock.sleeps.isEmpty)
    }
}
