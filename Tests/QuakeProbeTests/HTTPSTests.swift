import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// Lanes to a server behind TLS, and what requests carry.
@Suite("HTTPS", .serialized, .enabled(if: TLSFront.tools != nil, "nginx and openssl are needed"))
struct HTTPSTests {
    private static let fields = ["x-peerquake-cluster: west", "x-peerquake-node: n", "x-peerquake-pod: p"]

    /// Answers requests, and sends streams back.
    private static func serve(_ connection: ScriptedServer.Connection) {
        while let head = connection.head() {
            guard head.lowercased().contains(ConnectionMode.streamContentType) else {
                connection.answer(200, fields, body: "hello")
                continue
            }
            connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-peerquake-cluster: west\r\n\r\n")
            while let message = connection.chunk() { connection.send(chunk: message) }
        }
    }

    private func spec(_ url: String, _ port: Int, _ mode: ConnectionMode = .new) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "west", mode: mode, url: url,
                period: .milliseconds(25), deadline: .milliseconds(400), timeout: .seconds(2), origin: .origin),
            address: ProbeAddress(host: "127.0.0.1", port: port), pooledConnections: 2, expectedCluster: "west")
    }

    private func probe(_ spec: LaneSpec) async throws -> (samples: [Sample], texts: [String]) {
        let memory = try await probing(spec, for: .milliseconds(500)).memory
        return (memory.samples.withLock { $0 }, memory.texts.withLock { $0 })
    }

    private func outcomes(_ samples: [Sample]) -> Set<Outcome> {
        Set(samples.map(\.outcome)).subtracting([.late, .clientOverload])
    }

    private func withFront(
        _ serve: @escaping @Sendable (ScriptedServer.Connection) -> Void = serve,
        _ body: (TLSFront) async throws -> Void
    ) async throws {
        let server = ScriptedServer(serve)
        defer { server.stop() }
        let front = try await TLSFront(before: server.port, keepsAlive: true)
        do {
            try await body(front)
        } catch {
            await front.stop()
            throw error
        }
        await front.stop()
    }

    @Test("is verified against the authorities that were given", .timeLimit(.minutes(2)))
    func verified() async throws {
        try await withFront { front in
            for mode in ConnectionMode.allCases {
                var spec = spec("https://api/", front.port, mode)
                spec.authorities = try front.certificate("ca")
                let (samples, texts) = try await probe(spec)
                #expect(outcomes(samples) == [.ok], "\(mode): \(texts)")
            }
        }
    }

    @Test("with a certificate that cannot be verified is tls, unless nothing is to be", .timeLimit(.minutes(2)))
    func unverified() async throws {
        try await withFront { front in
            // Another authority, a wrong name, the system's authorities.
            for (name, authority) in [("api", "other"), ("elsewhere", "ca"), ("api", nil)] as [(String, String?)] {
                for mode in ConnectionMode.allCases {
                    var bad = spec("https://\(name)/", front.port, mode)
                    bad.authorities = try authority.map { try front.certificate($0) }
                    let (samples, texts) = try await probe(bad)
                    #expect(outcomes(samples) == [.tls], "\(name) \(authority ?? "the system's") \(mode): \(texts)")
                    #expect(samples.allSatisfy { $0.httpStatus == 0 })
                }
            }
            var insecure = spec("https://elsewhere/", front.port)
            insecure.verifies = false
            #expect(outcomes(try await probe(insecure).samples) == [.ok])
        }
    }

    @Test("carries methods, fields and bodies, and takes the status that is expected", .timeLimit(.minutes(2)))
    func requests() async throws {
        let seen = Mutex<Set<String>>([])
        let serve: @Sendable (ScriptedServer.Connection) -> Void = { connection in
            while let head = connection.head() {
                let body = connection.body(of: head)
                let word = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-word:") } ?? ""
                let method = head.prefix { $0 != " " }
                seen.withLock { _ = $0.insert("\(method) \(word.dropFirst(8)) \(body)") }
                if method == "HEAD" {
                    // A length without a body.
                    connection.send(
                        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-peerquake-cluster: west\r\n\r\n")
                } else {
                    connection.answer(method == "POST" ? 201 : 200, Self.fields, body: "hello")
                }
            }
        }
        try await withFront(serve) { front in
            for (method, body, status) in [
                ("POST", "hello", 201), ("PUT", "", 200), ("DELETE", nil, 200), ("HEAD", nil, 200),
            ]
                as [(String, String?, Int)]
            {
                for mode in [ConnectionMode.new, .pooled] {
                    var spec = spec("https://api/", front.port, mode)
                    (spec.method, spec.body, spec.expectedStatus) = (method, body, status)
                    spec.headers = ["x-word": "yes"]
                    spec.authorities = try front.certificate("ca")
                    let (samples, texts) = try await probe(spec)
                    #expect(outcomes(samples) == [.ok], "\(method) \(mode): \(texts)")
                }
            }
        }
        #expect(seen.withLock { $0 } == ["POST yes hello", "PUT yes ", "DELETE yes ", "HEAD yes "])
    }
}
