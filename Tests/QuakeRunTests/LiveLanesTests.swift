import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeRun

@Suite("What the lanes show during a run")
struct LiveLanesTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
    private func at(_ seconds: Double) -> RunInstant { Self.at(seconds) }

    /// A slot each 100 ms, with a deadline of 250 ms.
    private static func lane(_ id: UInt32 = 1, role: Lane.Role = .probe) -> Lane {
        Lane(
            id: LaneID(rawValue: id), trial: 0, role: role, traffic: "echo", from: "east", to: "west", mode: .new,
            url: "", period: .milliseconds(100), origin: .origin)
    }

    private static func sample(
        _ sequence: UInt64, _ outcome: Outcome, lag: Duration = .zero, lane: Lane = lane()
    ) -> Sample {
        let due = lane.due(sequence)
        return Sample(
            lane: lane.id, sequence: sequence, due: due, sent: due + lag, done: due + .milliseconds(5), outcome: outcome
        )
    }

    private static func track(_ outcomes: [UInt64: Outcome]) -> LaneTrack {
        var track = LaneTrack(lane: lane())
        for (sequence, outcome) in outcomes.sorted(by: { $0.key < $1.key }) { track.add(sample(sequence, outcome)) }
        return track
    }

    private let none = SuspectLedger()

    // MARK: - The outage under way

    @Test("refusals between slots that are still waiting for their time-outs are one outage")
    func gaps() {
        // Slots 10 to 30 hang or are refused in turn; the hanging ones tell nothing for two seconds.
        var outcomes = Dictionary(uniqueKeysWithValues: (0..<10).map { (UInt64($0), Outcome.ok) })
        for sequence in stride(from: 11, through: 29, by: 2) { outcomes[UInt64(sequence)] = .refused }
        let track = Self.track(outcomes)
        // At 3 s the youngest slots, from 27.5 on, are within their deadline: the last bad one is 29, refused at once.
        #expect(track.outage(at: at(3), none) == .seconds(2))
    }

    @Test("a slot older than its deadline without an answer is bad, a younger one neither ends nor lengthens an outage")
    func silence() {
        let track = Self.track(Dictionary(uniqueKeysWithValues: (0..<10).map { (UInt64($0), Outcome.ok) }))
        #expect(track.outage(at: at(1.2), none) == .zero)
        // Slot 10, due at 1 s, is older than 250 ms.
        #expect(track.outage(at: at(1.26), none) == .milliseconds(100))
        #expect(track.outage(at: at(6), none) == .milliseconds(4800))
    }

    @Test("an answer in time ends it, whatever came before in whatever order")
    func ended() {
        var track = Self.track([0: .ok, 1: .refused, 2: .refused, 5: .ok])
        #expect(track.outage(at: at(0.55), none) == .zero)
        track.add(Self.sample(3, .connectTimeout))
        #expect(track.outage(at: at(0.55), none) == .zero)
    }

    @Test("what the prober itself failed to send neither ends nor lengthens it")
    func client() {
        let track = Self.track([
            0: .ok, 1: .refused, 2: .clientOverload, 3: .refused, 4: .clientOverload, 5: .clientOverload,
        ])
        #expect(track.outage(at: at(0.5), none) == .milliseconds(300))
    }

    @Test("lasts as long as it lasts, however few slots are remembered")
    func long() {
        var track = LaneTrack(lane: Self.lane())
        track.add(Self.sample(0, .ok), kept: 10)
        for sequence in 1..<1000 as Range<UInt64> { track.add(Self.sample(sequence, .refused), kept: 10) }
        #expect(track.outage(at: at(99.9), none) == .milliseconds(99_900))
    }

    @Test("is none of a lane that is not known to run, and does not grow after the lane's end")
    func unknown() {
        #expect(LaneTrack(lane: Self.lane(), isRunning: false).outage(at: at(100), none) == .zero)
        var track = Self.track([0: .ok, 1: .ok])
        track.end = at(0.2)
        #expect(track.outage(at: at(100), none) == .zero)
    }

    // MARK: - The abort rule

    private static func lanes(_ now: @escaping @Sendable () -> RunInstant = { .origin }) -> LiveLanes {
        let lanes = LiveLanes(now: now)
        lanes.begin(lane())
        lanes.begin(lane(2, role: .loopback))
        return lanes
    }

    @Test("the abort rule fires for safety, and says what the outage would be without suspect slots")
    func breach() throws {
        let lanes = Self.lanes()
        lanes.add((0..<10).map { Self.sample($0, .ok) } + (10..<50).map { Self.sample($0, .refused) })
        lanes.add((0..<60).map { Self.sample($0, .ok, lane: Self.lane(2, role: .loopback)) })
        #expect(lanes.breach(of: .seconds(5), at: at(5)) == nil)
        let trusted = try #require(lanes.breach(of: .seconds(3), at: at(5)))
        #expect(trusted.length == .seconds(4))
        #expect(trusted.best == .seconds(4))
        #expect(trusted.words == "echo/new has been out for 4.0 s; the plan's limit is 3.0 s")
        lanes.suspects.add(Interval(start: at(2), end: at(2.9)))
        let doubtful = try #require(lanes.breach(of: .seconds(3), at: at(5)))
        #expect(doubtful.length == .seconds(4))
        #expect(doubtful.best == .seconds(2))
        #expect(doubtful.words.hasSuffix("; without what was suspect it would have been 2.0 s"))
    }

    @Test("silence says nothing of a lane while the prober's own control is silent")
    func deaf() {
        let lanes = Self.lanes { Self.at(30) }
        lanes.add((0..<10).map { Self.sample($0, .ok) })
        lanes.add((0..<10).map { Self.sample($0, .ok, lane: Self.lane(2, role: .loopback)) })
        #expect(lanes.breach(of: .seconds(3), at: at(30)) == nil)
        #expect(lanes.snapshots.allSatisfy { $0.outage == .zero })
    }

    @Test("samples that come before a lane is known to run are kept")
    func early() {
        let lanes = LiveLanes { Self.at(1) }
        lanes.expect(Self.lane())
        lanes.add([Self.sample(0, .ok)])
        lanes.begin(Self.lane())
        #expect(lanes.snapshots[0].good == 1)
    }

    // MARK: - Which seconds are suspect

    static let stalls: [(sample: Sample, isSuspect: Bool)] = [
        (sample(12, .ok), false), (sample(12, .ok, lag: .milliseconds(99)), false),
        (sample(12, .ok, lag: .milliseconds(101)), true), (sample(12, .clientOverload), true),
        (sample(12, .refused), false), (sample(12, .ok, lane: lane(2, role: .loopback)), false),
        (sample(12, .late, lane: lane(2, role: .loopback)), true),
    ]

    @Test("a lag above max(T, 10 ms), an overload and a failing control make their second suspect", arguments: stalls)
    func suspect(sample: Sample, isSuspect: Bool) {
        let lanes = Self.lanes()
        lanes.add([sample])
        #expect(lanes.suspects.contains(at(1.9)) == isSuspect)
        #expect(!lanes.suspects.contains(at(2)))
    }

    @Test("stretches are reported by the second, their ends included")
    func ledger() {
        let ledger = SuspectLedger()
        ledger.add(Interval(start: at(-3), end: at(-1)))
        ledger.add(Interval(start: at(4.5), end: at(6)))
        #expect(ledger.contains(.origin))
        #expect(ledger.count(in: Interval(start: at(0), end: at(100))) == 4)
        #expect(ledger.touches(Interval(start: at(6.9), end: at(8))))
        #expect(!ledger.touches(Interval(start: at(7), end: at(8))))
        #expect(!ledger.touches(Interval(start: at(200), end: at(300))))
    }

    // MARK: - The hypothesis

    @Test("a clean stretch holds only if suspect slots cannot change it")
    func stretch() {
        let lanes = Self.lanes()
        lanes.add((0..<100).map { Self.sample($0, (40..<45).contains($0) ? .late : .ok) })
        let clean = { (second: Double) in
            lanes.cleanStretch(of: .seconds(3), availability: 1, at: Self.at(second)).verdict
        }
        #expect(clean(4) == .holds)
        #expect(clean(6) == .fails)
        lanes.suspects.add(Interval(start: at(4), end: at(4.9)))
        #expect(clean(6) == .mayHold)
        #expect(
            lanes.cleanStretch(of: .seconds(3), availability: 1, at: at(6)).detail.hasSuffix(
                "good over 3.0 s, 100.0 % with what is suspect"))
        #expect(clean(9) == .holds)
        // Nothing is heard of the last two seconds.
        #expect(clean(12) == .fails)
    }

    @Test("after healing the wait is longer by its suspect seconds, up to three times what the plan gives")
    func patience() {
        func deadline(_ moment: HypothesisResult.Moment, _ suspect: Int) -> RunInstant {
            HypothesisWait(start: at(100), length: .seconds(5), within: .seconds(10), moment: moment)
                .deadline(suspectSeconds: suspect)
        }
        #expect(deadline(.before, 7) == at(115))
        #expect(deadline(.after, 0) == at(115))
        #expect(deadline(.after, 7) == at(122))
        #expect(deadline(.after, 1000) == at(135))
    }

    // MARK: - What the runner says

    @Test(
        "what was not met in time is for the record to judge: the runner alone cannot say",
        arguments: [
            RunError.Code.aborted, .conditionUnmet, .notHealthy,
        ])
    func exits(code: RunError.Code) {
        #expect(RunError(code, "").exit == .inconclusive)
        #expect(RunError(.faultNotInjected, "").exit == .faultNotInjected)
    }
}
