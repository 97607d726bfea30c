import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("Lost connections")
struct RedialTests {
    private static let fault = RunInstant(nanoseconds: 10_000_000_000)

    private static func lane(_ mode: ConnectionMode) -> Lane {
        Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: mode, url: "http://echo/", period: .milliseconds(100), origin: .origin)
    }

    /// A request over a connection, or a dial that makes one.
    private struct Act {
        var sequence: UInt64
        var connection: UInt32
        var outcome = Outcome.ok
        var isDial = false
    }

    /// The effect of a fault at 10 s on 30 s of a lane: good over connection 1 until `acts` say otherwise, and over the last
    /// act's from then on.
    private static func effect(_ mode: ConnectionMode, _ acts: [Act], _ events: [Event.What]) throws -> LaneEffect {
        let lane = lane(mode)
        var connection: UInt32 = 1
        let samples = (0..<300 as Range<UInt64>).map { sequence -> Sample in
            let act = acts.first { $0.sequence == sequence } ?? Act(sequence: sequence, connection: connection)
            connection = act.connection
            let due = lane.due(sequence)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due,
                done: due + .milliseconds(act.outcome == .ok ? 5 : 400), outcome: act.outcome,
                flags: act.isDial ? [] : .reused, connection: connection)
        }
        let kill = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["n1"])
        let story: [Event] =
            [
                Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: fault, trial: 0, .faultInjected(kill)),
            ] + events.map { Event(at: fault + .seconds(1), trial: 0, $0) } + [
                Event(at: fault + .seconds(20), trial: 0, .trialFinished)
            ]
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: story, samples: [lane.id: samples])
        let findings = try Analyser(timeline, plan: Plan(name: "p", clusters: [], cells: [])).findings()
        return try #require(findings.trials.first?.faults.first?.effects.first)
    }

    private static func lost(_ connection: UInt32, at sequence: UInt64) -> Event.What {
        .connectionClosed(lane: LaneID(rawValue: 1), connection: connection, sequence: sequence, reason: "reset")
    }

    @Test("are healed by the redial whose first answer is good")
    func healed() throws {
        let effect = try Self.effect(
            .pooled,
            [
                Act(sequence: 105, connection: 1, outcome: .reset),
                Act(sequence: 106, connection: 2, outcome: .connectTimeout, isDial: true),
                Act(sequence: 107, connection: 3, isDial: true),
            ], [Self.lost(1, at: 105)])
        let redial = try #require(effect.redials.first)
        #expect(effect.redials.count == 1)
        #expect(redial.lostNanoseconds == 500_000_000)
        #expect(redial.successor == 3)
        #expect(redial.dials == 2)
        #expect(redial.healedNanoseconds == 705_000_000)
    }

    @Test(
        "are healed by a redial whose first answer was not good, when a good one comes over it",
        arguments: [Outcome.late, .httpStatus, .wrongCluster, .hiddenRetry, .body])
    func lateFirst(outcome: Outcome) throws {
        let effect = try Self.effect(
            .pooled,
            [
                Act(sequence: 105, connection: 1, outcome: .reset),
                Act(sequence: 106, connection: 2, outcome: outcome, isDial: true),
                Act(sequence: 107, connection: 2, outcome: .late),
            ], [Self.lost(1, at: 105)])
        let redial = try #require(effect.redials.first)
        #expect(redial.successor == 2)
        #expect(redial.dials == 1)
        #expect(redial.healedNanoseconds == 805_000_000)
    }

    @Test("leave the next redial to the next loss while a late one is still open")
    func two() throws {
        let effect = try Self.effect(
            .pooled,
            [
                Act(sequence: 105, connection: 1, outcome: .reset),
                Act(sequence: 106, connection: 2, outcome: .reset),
                Act(sequence: 107, connection: 3, outcome: .late, isDial: true),
                Act(sequence: 108, connection: 4, isDial: true), Act(sequence: 109, connection: 3),
            ], [Self.lost(1, at: 105), Self.lost(2, at: 106)])
        #expect(effect.redials.map(\.connection) == [1, 2])
        #expect(effect.redials.map(\.successor) == [3, 4])
        #expect(effect.redials.map(\.healedNanoseconds) == [905_000_000, 805_000_000])
    }

    @Test("are not healed by a late redial that is lost before a good answer, and are dialled again")
    func lostAgain() throws {
        let effect = try Self.effect(
            .pooled,
            [
                Act(sequence: 105, connection: 1, outcome: .reset),
                Act(sequence: 106, connection: 2, outcome: .late, isDial: true),
                Act(sequence: 107, connection: 2, outcome: .reset),
                Act(sequence: 108, connection: 3, isDial: true),
            ], [Self.lost(1, at: 105), Self.lost(2, at: 107)])
        let redial = try #require(effect.redials.first)
        #expect(effect.redials.count == 1)
        #expect(redial.successor == 3)
        #expect(redial.dials == 2)
    }

    @Test("stay unhealed where no good answer comes")
    func unhealed() throws {
        let effect = try Self.effect(
            .stream,
            [Act(sequence: 105, connection: 1, outcome: .reset)]
                + (106..<300).map { Act(sequence: $0, connection: 2, outcome: .httpStatus, isDial: true) },
            [Self.lost(1, at: 105)])
        let redial = try #require(effect.redials.first)
        #expect(redial.successor == nil)
        #expect(redial.dials == 194)
    }

    @Test("of a stream cost the messages that were in flight, each counted in the window in which it was due")
    func messages() throws {
        func gap(_ first: UInt64, _ last: UInt64) -> Event.What {
            .messagesLost(lane: LaneID(rawValue: 1), connection: 1, first: first, last: last)
        }
        // Slots 98 and 99 are due before the fault.
        let effect = try Self.effect(.stream, [], [gap(98, 101), gap(150, 150)])
        #expect(effect.messagesLost == 3)
        #expect(try Self.effect(.pooled, [], []).messagesLost == nil)
    }
}
