import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeRun

/// What the clients of a cluster know, by the mesh's records and by who answers.
struct ArrivalLedgerTests {
    private static func at(_ seconds: Int64) -> RunInstant { RunInstant(nanoseconds: seconds * 1_000_000_000) }

    private static func lane(
        _ id: UInt32, _ traffic: String, to cluster: String = "west", mode: ConnectionMode = .new,
        role: Lane.Role = .probe
    ) -> Lane {
        Lane(
            id: LaneID(rawValue: id), trial: 0, role: role, traffic: traffic, from: "east", to: cluster, mode: mode,
            url: "", period: .milliseconds(20), origin: .origin)
    }

    private static func sample(_ lane: UInt32, server: UInt32, done: Int64) -> Sample {
        Sample(
            lane: LaneID(rawValue: lane), sequence: 0, due: at(done), sent: at(done), done: at(done), outcome: .ok,
            server: server)
    }

    @Test func aNodeIsKnownFromWhenTheSetFirstHadItUntilItLacksIt() {
        let ledger = ArrivalLedger { [] }
        let view = Propagation.View.targets(client: "east")
        func moment(_ direction: Propagation.Direction, _ node: String = "b") -> RunInstant? {
            ledger.moment(direction, node: node, pod: "p", of: "west", at: view)
        }
        ledger.targets(of: "east", to: "west", ["a=1.1.1.1:30000"], at: Self.at(1))
        #expect(moment(.added) == nil && moment(.removed) == nil && !ledger.shows(node: "b", of: "west", at: view))
        ledger.targets(of: "east", to: "west", ["a=1.1.1.1:30000", "b=1.1.1.2:30000"], at: Self.at(2))
        ledger.targets(of: "east", to: "west", ["b=1.1.1.2:30000", "c=1.1.1.3:30000"], at: Self.at(3))
        #expect(moment(.added) == Self.at(2) && ledger.shows(node: "b", of: "west", at: view))
        #expect(moment(.removed, "a") == Self.at(3) && moment(.removed) == nil)
        // Another client, and another peer, have sets of their own.
        ledger.targets(of: "north", to: "west", [], at: Self.at(4))
        ledger.targets(of: "east", to: "south", [], at: Self.at(4))
        #expect(moment(.removed) == nil)
        ledger.targets(of: "east", to: "west", [], at: Self.at(5))
        #expect(moment(.removed) == Self.at(5) && moment(.added) == nil)
    }

    @Test func whatClientsDialIsWhatTheirSetsHaveNow() {
        let ledger = ArrivalLedger { [] }
        ledger.targets(of: "east", to: "south", ["x=1.1.1.9:30000"], at: Self.at(1))
        #expect(ledger.dialled(of: "west") == nil, "nobody has told of it")
        ledger.targets(of: "east", to: "west", ["a=1.1.1.1:30000"], at: Self.at(2))
        ledger.targets(of: "north", to: "west", ["b=1.1.1.2:30000"], at: Self.at(2))
        ledger.health(of: "c", in: "west", true, at: Self.at(2))
        #expect(ledger.dialled(of: "west") == ["a", "b"])
        ledger.targets(of: "east", to: "west", ["172.23.0.11=172.23.0.11:15008"], at: Self.at(3))
        #expect(ledger.dialled(of: "west") == ["172.23.0.11", "b"])
    }

    @Test func aLoadBalancerKnowsByItsHealthCheck() {
        let ledger = ArrivalLedger { [] }
        func moment(_ direction: Propagation.Direction) -> RunInstant? {
            ledger.moment(direction, node: "b", pod: "p", of: "west", at: .healthCheck)
        }
        ledger.health(of: "b", in: "east", true, at: Self.at(1))
        #expect(moment(.added) == nil)
        ledger.health(of: "b", in: "west", true, at: Self.at(2))
        ledger.health(of: "b", in: "west", true, at: Self.at(3))
        #expect(moment(.added) == Self.at(2) && ledger.shows(node: "b", of: "west", at: .healthCheck))
        ledger.health(of: "b", in: "west", false, at: Self.at(4))
        #expect(moment(.added) == nil && moment(.removed) == Self.at(4))
    }

    @Test func aLaneKnowsWhenThePodFirstAnswersOnIt() {
        let lanes = [
            Self.lane(1, "echo"), Self.lane(2, "echo", mode: .pooled), Self.lane(3, "other"),
            Self.lane(4, "back", to: "east"), Self.lane(5, "echo", role: .sameCluster),
        ]
        let ledger = ArrivalLedger { lanes }
        let echo = Propagation.View.lane(traffic: "echo", mode: .new)
        let other = Propagation.View.lane(traffic: "other", mode: .new)
        #expect(ledger.lanes(to: "west") == [echo, other])
        func moment(_ view: Propagation.View, _ direction: Propagation.Direction = .added) -> RunInstant? {
            ledger.moment(direction, node: "n", pod: "p", of: "west", at: view)
        }
        // Another pod's, and one of that name in another cluster.
        ledger.add(ServingIdentity(cluster: "west", node: "n", pod: "q"), 7)
        ledger.add(ServingIdentity(cluster: "east", node: "n", pod: "p"), 8)
        ledger.add([Self.sample(1, server: 7, done: 1), Self.sample(1, server: 8, done: 1)])
        #expect(moment(echo) == nil)
        ledger.add(ServingIdentity(cluster: "west", node: "n", pod: "p"), 9)
        ledger.add([
            Self.sample(2, server: 9, done: 2), Self.sample(5, server: 9, done: 2), Self.sample(1, server: 9, done: 4),
            Self.sample(1, server: 9, done: 3), Self.sample(1, server: 0, done: 1),
        ])
        #expect(moment(echo) == Self.at(3) && moment(other) == nil && moment(echo, .removed) == nil)
    }
}
