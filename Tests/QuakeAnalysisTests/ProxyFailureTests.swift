import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

@Suite("What a mesh's proxies ended with an error")
struct ProxyFailureTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private static func failure(
        _ hop: ProxyHop, _ error: String, at seconds: Double, millis: Double = 1, lane: UInt32? = nil,
        target: String = "172.23.0.3:30542"
    ) -> Event {
        Event(
            at: at(seconds), trial: nil,
            .proxyFailure(
                cluster: "east",
                ProxyFailure(
                    hop: hop, error: error, clientAddress: "10.244.0.13", clientPort: 4000, target: target,
                    millis: millis, lane: lane.map { LaneID(rawValue: $0) })))
    }

    private static func lane(_ id: UInt32, _ mode: ConnectionMode) -> Lane {
        Lane(
            id: LaneID(rawValue: id), trial: 0, traffic: "echo", from: "east", to: "west", mode: mode, url: "",
            period: .milliseconds(20), origin: .origin)
    }

    @Test("is grouped by hop, target and text, in the order of a connection's way, with its lanes")
    func grouped() {
        let refused = "io error: Connection refused (os error 111)"
        let groups = ProxyFailureGroup.all(
            in: [
                Self.failure(.outerLost, "h2 failed: x", at: 30, millis: 24_223, lane: 2),
                Self.failure(.outerConnect, "late", at: 31), Self.failure(.outerConnect, refused, at: 32, lane: 1),
                Self.failure(.outerConnect, refused, at: 50, millis: 46_275, lane: 2),
                Self.failure(.outerConnect, refused, at: 33, lane: 9),
                Self.failure(.outerConnect, refused, at: 33, target: "172.23.0.6:30542"),
                Event(at: Self.at(33), trial: 0, .note("another event")),
            ], during: Interval(start: .origin, end: Self.at(60)), lanes: [Self.lane(1, .new), Self.lane(2, .pooled)])
        #expect(groups.map(\.hop) == [.outerConnect, .outerConnect, .outerConnect, .outerLost])
        #expect(groups[0].error == refused && groups[0].count == 3 && groups[0].longestMillis == 46_275)
        #expect(groups[0].lanes == ["echo/new": 1, "echo/pooled": 1], "the port of one was no lane's")
        #expect(groups[1...2].map(\.count) == [1, 1] && groups[1].error == "late")
        #expect(groups[2].target == "172.23.0.6:30542")
        #expect(groups[3].lanes == ["echo/pooled": 1])
    }

    @Test("belongs to the trial in which its connection began, however late its line came")
    func spans() {
        let events = [
            Self.failure(.outerLost, "x", at: 70, millis: 24_000), Self.failure(.outerLost, "x", at: 70, millis: 1),
            Self.failure(.outerLost, "x", at: 12, millis: 15_000),
        ]
        func count(_ from: Double, _ to: Double) -> Int {
            ProxyFailureGroup.all(
                in: events, during: Interval(start: Self.at(from), end: Self.at(to)), lanes: []
            ).reduce(0) { $0 + $1.count }
        }
        #expect(count(0, 60) == 1)
        #expect(count(60, 120) == 1)
        #expect(count(-10, 0) == 1, "before the run")
    }

    @Test("is in a trial's findings")
    func findings() throws {
        let plan = try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: t
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps: [{wait: 1s}]
            """, path: "t.yaml")
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "t"),
            events: [
                Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: Self.at(60), trial: 0, .trialFinished),
                Self.failure(.answer, "http status: 503", at: 61, millis: 2000),
            ])
        let trial = try #require(try Analyser(timeline, plan: plan).findings().trials.first)
        #expect(trial.proxyFailures.map(\.error) == ["http status: 503"])
    }
}
