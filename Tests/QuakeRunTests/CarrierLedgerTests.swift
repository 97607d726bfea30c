import QuakeCluster
import QuakePlan
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRun

/// Which gateway's node carries a traffic, by the tunnels that the mesh told of.
struct CarrierLedgerTests {
    private static let echo = Traffic(name: "echo", url: "http://echo/", from: "east", to: "west")
    private static let other = Traffic(name: "other", url: "http://other/", from: "east", to: "west")

    private static func dial(
        _ node: String, at second: Int64, port: UInt16 = 1, outcome: DialOutcome = .ok, dialer: Dialer = .balancer,
        to peer: String = "west"
    ) -> Dial<RunInstant> {
        Dial(
            dialer: dialer, cluster: "east", peer: peer, began: RunInstant(nanoseconds: second * 1_000_000_000),
            millis: 1,
            gatewayPod: "gateway-\(node)", gatewayNode: node, outcome: outcome, clientPort: port)
    }

    private static func lane(_ id: UInt32, _ traffic: String) -> Lane {
        Lane(
            id: LaneID(rawValue: id), trial: 0, traffic: traffic, from: "east", to: "west", mode: .new, url: "",
            period: .milliseconds(20), origin: .origin)
    }

    private static func sample(_ lane: UInt32, port: UInt16) -> Sample {
        Sample(
            lane: LaneID(rawValue: lane), sequence: 0, due: .origin, sent: .origin, done: .origin, outcome: .ok,
            localPort: port)
    }

    @Test func theNewestTunnelThatCameAboutTells() {
        let ledger = CarrierLedger()
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == nil)
        ledger.add([
            Self.dial("a", at: -5), Self.dial("b", at: 2, port: 2), Self.dial("a", at: 1, port: 3),
            Self.dial("c", at: 3, port: 4, outcome: .timeout), Self.dial("c", at: 3, port: 5, dialer: .loadBalancer),
            Self.dial("c", at: 3, port: 6, to: "south"), Self.dial("", at: 4, port: 7),
        ])
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "b")
    }

    /// Where each request has a tunnel, the newest one may lead to a node that has few.
    @Test func ofManyTunnelsTheNodeOfMostCarries() {
        let ledger = CarrierLedger()
        ledger.add((0..<40).map { Self.dial("far", at: 0, port: UInt16(500 + $0)) })
        ledger.add((0..<18).map { Self.dial("a", at: 15, port: UInt16(100 + $0)) })
        ledger.add([Self.dial("b", at: 16, port: 300)])
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "b")
        ledger.add([Self.dial("b", at: 17, port: 301)])
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "a")
    }

    @Test func aTunnelOfBeforeTheRunTellsWhereThereIsNoNewerOne() {
        let ledger = CarrierLedger()
        ledger.add([Self.dial("a", at: -60)])
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "a")
    }

    private static func moment(_ second: Int64) -> RunInstant { RunInstant(nanoseconds: second * 1_000_000_000) }

    @Test func whereNoDialIsKnownTheBusiestGatewayOfTheLastTenSecondsCarries() {
        let ledger = CarrierLedger()
        ledger.add(500, through: "a", of: "west", at: Self.moment(1))
        ledger.add(10, through: "b", of: "west", at: Self.moment(11))
        ledger.add(900, through: "c", of: "south", at: Self.moment(11))
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "a")
        ledger.add(3, through: "a", of: "west", at: Self.moment(12))
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "b")
        ledger.add(7, through: "a", of: "west", at: Self.moment(13))
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "a")
        ledger.add([Self.dial("d", at: 2)])
        #expect(ledger.node(carrying: Self.echo, of: [Self.echo], lanes: []) == "d")
    }

    /// A connection to another destination may have the same port.
    @Test func aPortIsThatOfTheLaneWhichMayHaveUsedIt() {
        let ledger = CarrierLedger()
        ledger.add([Self.sample(1, port: 11), Self.sample(2, port: 11), Self.sample(2, port: 12)])
        let (first, second) = (Self.lane(1, "echo"), Self.lane(2, "control"))
        #expect(ledger.lane(using: 11, among: [first, second]) == second.id)
        #expect(ledger.lane(using: 11, among: [first]) == first.id)
        #expect(ledger.lane(using: 12, among: [first]) == nil)
        ledger.add([Self.sample(1, port: 11)])
        #expect(ledger.lane(using: 11, among: [first, second]) == first.id)
    }

    @Test func trafficsThatGoTheSameWayAreToldApartByTheirPorts() {
        let ledger = CarrierLedger()
        ledger.add([Self.dial("a", at: 1, port: 11), Self.dial("b", at: 2, port: 12)])
        let (all, lanes) = ([Self.echo, Self.other], [Self.lane(1, "echo"), Self.lane(2, "other")])
        #expect(ledger.node(carrying: Self.echo, of: all, lanes: lanes) == nil)
        ledger.add([Self.sample(1, port: 11), Self.sample(2, port: 12)])
        #expect(ledger.node(carrying: Self.echo, of: all, lanes: lanes) == "a")
        #expect(ledger.node(carrying: Self.other, of: all, lanes: lanes) == "b")
    }

    /// On a starved machine the first record comes after the step that needs it has begun.
    @Test func aStepWaitsForTheFirstRecord() async throws {
        let (ledger, clock) = (CarrierLedger(), ManualClock())
        let looks = Mutex(0)
        let node = try await ledger.awaitNode(
            carrying: Self.echo, of: [Self.echo],
            lanes: {
                if looks.withLock({
                    $0 += 1; return $0
                }) == 200 {
                    ledger.add([Self.dial("a", at: 1)])
                }
                return []
            }, within: .seconds(30), clock: clock)
        #expect(node == "a")
    }

    @Test func theWaitForARecordEndsAndSaysWhatWasAwaited() async {
        let clock = ManualClock()
        let error = await #expect(throws: ClusterError.self) {
            try await CarrierLedger().awaitNode(
                carrying: Self.echo, of: [Self.echo], lanes: { [] }, within: .seconds(30), clock: clock)
        }
        #expect(error?.code == .noTargets)
        #expect(
            error?.message
                == "no gateway is known to carry echo: the mesh has recorded no tunnel for it within 30s")
    }
}
