import QuakeRecord
import Testing

@testable import QuakeMeshAgent

/// What an agent keeps of its dials.
struct RecordRingTests {
    @Test func pagesHoldTheLatestRecordsAsTheyWereAppended() {
        let ring = RecordRing(capacity: 8, incarnation: "first")
        let records = (0..<1100).map { number in
            var dial = Dial(
                dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort, began: Int64(number), millis: 0,
                targetNode: "node-with-a-long-name-\(number % 5)", targetAddress: "127.128.129.130:\(30_000 + number)",
                outcome: .noTarget, clientAddress: "127.0.0.1", clientPort: UInt16(number))
            dial.gatewayPod = "eastwest-gateway-\(number)"
            return AgentRecord(at: Int64(number), .dial(dial))
        }
        for record in records { ring.append(record) }
        let page = ring.page(from: 1)
        #expect(page.records == Array(records.suffix(8)))
        #expect(page.next == 1101)
        #expect(page.lost == 1092)
        #expect(ring.page(from: 0).lost == 0)
        #expect(ring.page(from: page.next).records.isEmpty)
        #expect(ring.page(from: 1095, limit: 2).records == Array(records[1094..<1096]))
    }

    @Test func otherRecordsAreKeptToo() {
        let ring = RecordRing(capacity: 4)
        let targets = AgentRecord(at: 1, .targets(peer: "west", addresses: ["node=127.128.129.130:31000"]))
        ring.append(targets)
        #expect(ring.page(from: 0).records == [targets])
    }
}
