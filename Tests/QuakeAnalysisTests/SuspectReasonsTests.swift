import Foundation
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

@Suite("Why slots are suspect")
struct SuspectReasonsTests {
    private func event(_ reason: String, _ evidence: StallEvidence? = nil) -> Event {
        Event(at: .origin, trial: 0, .suspect(from: .origin, to: .origin, reason: reason, evidence: evidence))
    }

    private func stall(_ length: Int, waiting: Int?, read: Bool = false) -> Event {
        let evidence = StallEvidence(lengthMillis: length, waitingMillis: waiting, throttledMillis: 0, wasRead: read)
        return event(evidence.words, evidence)
    }

    @Test("one stall of the prober is reported with what the kernel counted")
    func one() {
        #expect(
            SuspectReasons([stall(295, waiting: 280)]).words == [
                "the prober stalled for 295 ms: 280 ms waiting for a processor, 0 ms throttled"
            ])
    }

    @Test("many are one sentence with their sums, where the first was; other reasons are given once each")
    func many() {
        let events = [
            event("the host froze"), stall(295, waiting: 280), event("the host froze"),
            stall(105, waiting: 20, read: true),
            event("the clusters' own process stalled for 200 ms"), stall(15, waiting: nil),
        ]
        #expect(
            SuspectReasons(events).words == [
                "the host froze",
                "the prober stalled 3 times, for 295 ms at most: of 415 ms, 300 ms waiting for a processor, 0 ms throttled, records were being fetched",
                "the clusters' own process stalled for 200 ms",
            ])
    }

    @Test("what is not counted is said to be unknown, and what there was besides is added")
    func parts() {
        #expect(
            StallEvidence(lengthMillis: 200).words
                == "the prober stalled for 200 ms: its wait for a processor is not known, throttling is not known")
        let all = StallEvidence(
            lengthMillis: 200, waitingMillis: 3, workingMillis: 40, throttledMillis: 90, stolenMillis: 50,
            preemptions: 1,
            pageFaults: 2, wasRead: true)
        #expect(
            all.words
                == "the prober stalled for 200 ms: 3 ms waiting for a processor, 90 ms throttled, 40 ms at work, 50 ms taken by the machine's host, preempted once, 2 pages read from disk, records were being fetched"
        )
    }

    @Test("events of archives without evidence are read, and those with it are kept whole")
    func archived() throws {
        let old = #"{"suspect":{"from":5,"to":6,"reason":"the prober stalled for 9 ms"}}"#
        let read = try JSONDecoder().decode(Event.What.self, from: Data(old.utf8))
        #expect(
            read
                == .suspect(
                    from: RunInstant(nanoseconds: 5), to: RunInstant(nanoseconds: 6),
                    reason: "the prober stalled for 9 ms"))
        let new = stall(295, waiting: 280)
        #expect(try JSONDecoder().decode(Event.self, from: JSONEncoder().encode(new)) == new)
    }
}
