import Foundation
import QuakeCluster
import QuakeKube
import QuakeRecord
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakePeering

@Suite("ztunnel's access log", .timeLimit(.minutes(3)))
struct ZtunnelLogTests {
    private static func recorded() throws -> [String] {
        let url = try #require(
            Bundle.module.url(forResource: "ztunnel-access", withExtension: "log", subdirectory: "Fixtures"))
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("has a line for each connection that ended, with its ends, its length and its error")
    func lines() throws {
        let lines = try Self.recorded()
        let entries = lines.compactMap { ZtunnelAccessLine($0) }
        #expect(lines.count == 14 && entries.count == 11, "pushes and ends of HBONE connections are other lines")
        let first = try #require(entries.first)
        #expect(first.at == 1_795_891_428_226_676_000)
        #expect(first.error == nil && first.failure == nil)
        #expect(first.sourceAddress == "10.244.0.13" && first.sourcePort == 37_470)
        #expect(
            first.target == "172.23.0.11:15008" && first.targetWorkload == "NetworkGateway/network-west/172.23.0.11/0")
        #expect(first.isOutbound && first.isToGateway && first.bytes == 306 && first.millis == 35)
        #expect(entries.allSatisfy { $0.isToGateway })
    }

    /// Each error of the recorded runs and its hop.
    private static let hops: [(String, ProxyHop)] = [
        ("io error: Connection reset by peer (os error 104)", .outerConnect),
        ("h2 failed: stream closed because of a broken pipe", .outerLost),
        (
            "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed",
            .outerConnect
        ),
        ("io error: No route to host (os error 113)", .outerConnect),
        ("io error: Connection refused (os error 111)", .outerConnect),
        ("io error: invalid peer certificate: UnknownIssuer", .handshake),
    ]

    @Test("names the hop of each recorded failure")
    func hops() throws {
        let failures = try Self.recorded().compactMap { ZtunnelAccessLine($0)?.failure }
        #expect(Set(failures.map(\.error)) == Set(Self.hops.map(\.0)))
        for failure in failures {
            #expect(failure.hop == Self.hops.first { $0.0 == failure.error }?.1, "\(failure.error)")
        }
        let hangs = failures.filter { $0.hop == .outerLost }.map(\.millis)
        #expect(hangs.max() ?? 0 > 10_000, "they hung until the shared connection was given up")
    }

    @Test(
        "tells other texts of ztunnel 1.27.9 apart",
        arguments: [
            ("h2 failed: stream error received: refused stream before processing any application logic", 0, .answer),
            ("h2 failed: connection error received: not a result of an error", 0, .outerLost),
            ("http status: 503 Service Unavailable", 0, .answer),
            ("receive: destination disconnected before all data was written", 10, .inner),
            ("io error: Connection reset by peer (os error 104)", 10, .inner),
            ("http2 handshake failed: connection reset", 0, .handshake),
            ("connection closed due to connection drain", 10, .proxy), ("unknown network gateway: x", 0, .route),
            ("no healthy upstream: 10.0.0.1:80", 0, .route), ("something else", 0, .unknown),
        ] as [(String, Int, ProxyHop)])
    func table(text: String, bytes: Int, hop: ProxyHop) { #expect(ZtunnelError.hop(of: text, bytes: bytes) == hop) }

    @Test("is not read where a line is cut off, quoted otherwise, or of another kind")
    func shapes() throws {
        let line = try #require(try Self.recorded().last)
        for length in [40, 200, line.count - 1] { #expect(ZtunnelAccessLine(line.prefix(length)) == nil) }
        let start = "2026-11-28T18:44:28Z\terror\taccess\tconnection complete\t"
        let plain = "src.addr=[fd00::1]:80 dst.addr=[fd00::2]:15008 direction=\"inbound\" duration=\"1ms\" "
        let read = try #require(ZtunnelAccessLine(start + plain + #"error="a \"b\" \\ c""#))
        #expect(read.sourceAddress == "fd00::1" && read.error == #"a "b" \ c"# && !read.isToGateway)
        #expect(ZtunnelAccessLine(start.replacing("complete", with: "opened") + plain + "error=x") == nil)
        #expect(ZtunnelAccessLine("") == nil)
    }

    @Test(
        "has times to the nanosecond, which read and write the same",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-28T18:41:37.973223818Z", 1_795_891_297_973_223_818),
            ("2000-02-29T23:59:59.5Z", 951_868_799_500_000_000), ("2026-11-28T18:41:37", nil),
            ("2026-13-01T00:00:00Z", nil),
            ("x", nil),
        ] as [(String, Int64?)])
    func times(text: String, nanoseconds: Int64?) {
        #expect(ZtunnelTime.unixNanoseconds(text) == nanoseconds)
        guard let nanoseconds else { return }
        #expect(ZtunnelTime.text(nanoseconds).dropLast() == text.dropLast().prefix(19))
    }

    @Test("is read on from where it was read to, and has probers' failures alone")
    func reading() async throws {
        let lines = try Self.recorded()
        let failed = lines.filter { $0.contains("error=") }
        #expect(failed.count == 9)
        let line = try #require(failed.first)
        let rest = line.drop { $0 != " " }.replacing("10.244.0.13:", with: "10.244.0.99:")
        let other = "2026-11-28T18:50:00.000000001Z\(rest)"
        // By the kubelet's times, as a log is.
        let all = (lines + [other]).sorted { $0.prefix(30) < $1.prefix(30) }
        let first = "\(all[..<6].joined(separator: "\n"))\n\(all[6].prefix(100))"
        // The server knows whole seconds: lines come twice.
        let second = "\(all[4...].joined(separator: "\n"))\n"
        let answers = Mutex([first, second])
        let asked = Mutex<[String]>([])
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                asked.withLock { $0.append(String(head.split(separator: " ")[1])) }
                connection.answer(body: answers.withLock { $0.isEmpty ? "" : $0.removeFirst() })
            }
        }
        let cluster = Cluster.scripted("east", port: server.port)
        let log = ZtunnelLog(
            cluster, ["metadata": ["namespace": "istio-system", "name": "ztunnel-x", "uid": "u"]],
            from: 1_795_891_000_000_000_000)
        log.follow(["10.244.0.13"])
        var told: [AgentRecord] = []
        var cursor: UInt64 = 1
        for _ in 1...3 {
            let page = try await log.page(from: cursor)
            told += page.records
            cursor = page.next
            #expect(page.lost == 0 && page.incarnation == "u")
        }
        let own = all.compactMap { ZtunnelAccessLine($0) }.filter { $0.sourceAddress != "10.244.0.99" }
        let expected = own.compactMap { entry in
            entry.failure.map { AgentRecord(at: entry.at, .proxyFailure($0)) }
        }
        #expect(told == expected && told.count == 9)
        #expect(try await log.page(from: 1).records.count == 9)
        let paths = asked.withLock { $0 }.map { $0.replacing("%3A", with: ":") }
        #expect(
            paths.first == "/api/v1/namespaces/istio-system/pods/ztunnel-x/log?timestamps=true&sinceTime="
                + "2026-11-28T18:36:40Z&limitBytes=4194304", "\(paths)")
    }
}
