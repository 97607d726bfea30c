import QuakeCluster
import QuakeKube
import QuakeRecord
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakePeering

@Suite("istiod's pushes", .timeLimit(.minutes(3)))
struct IstiodPushTests {
    private static let time = "2026-11-28T18:41:37.973223818Z 2026-11-28T18:41:37.973000Z"

    private static func line(_ rest: String) -> String { "\(time)\tinfo\tads\t\(rest)" }

    @Test(
        "are lines of its log, with what changed and how long the first change waited",
        arguments: [
            (
                "Push debounce stable[7] 2 for config EndpointSlice/demo/echo: 100.5ms since last change, 130.25ms since "
                    + "last push, full=false",
                ConfigPush(
                    istiod: "i", changes: 2, about: "config EndpointSlice/demo/echo", millis: 130.25, isFull: false)
            ),
            (
                "Push debounce stable[1] 103 for config Secret/a/b and 42 more configs: 100.026396ms since last change, "
                    + "1.5s since last push, full=true",
                ConfigPush(
                    istiod: "i", changes: 103, about: "config Secret/a/b and 42 more configs", millis: 1500,
                    isFull: true)
            ),
            (
                "Push debounce stable[9] 1 for reason unknown:1: 100.2ms since last change, 100ms since last push, full=true",
                ConfigPush(istiod: "i", changes: 1, about: "reason unknown:1", millis: 100, isFull: true)
            ),
        ])
    func lines(text: String, push: ConfigPush) throws {
        let line = Self.line(text)
        let read = try #require(IstiodPushLine(line))
        #expect(read.at == 1_795_891_297_973_000_000 && read.push(by: "i") == push)
        #expect(IstiodPushLine(String(line.dropLast())) == nil, "cut off")
        #expect(IstiodPushLine(line.replacing("\tads\t", with: "\tdelta\t")) == nil)
    }

    @Test("are reported once, and other lines are not")
    func reading() async throws {
        let push = Self.line(
            "Push debounce stable[7] 2 for config EndpointSlice/demo/echo: 100ms since last change, 130ms since last push, "
                + "full=false")
        let other = Self.line("XDS: Pushing Services:26 ConnectedEndpoints:3 Version:x")
            .replacing("37.973223818Z", with: "38.0Z")
        let server = ScriptedServer { connection in
            while connection.head() != nil { connection.answer(body: "\(push)\n\(other)\n\(push.prefix(60))") }
        }
        let log = FollowedLog(
            Cluster.scripted("west", port: server.port),
            ["metadata": ["namespace": "istio-system", "name": "istiod-x", "uid": "u"]], from: 1_795_891_000_000_000_000
        ) { line in IstiodPushLine(line).map { AgentRecord(at: $0.at, .push($0.push(by: "istiod-x"))) } }
        let first = try await log.page(from: 1)
        #expect(first.records.count == 1 && first.incarnation == "u")
        #expect(try await log.page(from: first.next).records.isEmpty)
    }
}
