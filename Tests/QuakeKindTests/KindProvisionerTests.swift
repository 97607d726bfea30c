import QuakeKind
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@Suite("Making and deleting kind clusters")
struct KindProvisionerTests {
    /// A kind that keeps what it is asked, and an API server of one Ready node.
    private final class Fake: Sendable {
        final class Requests: Sendable { let lines = Mutex<[String]>([]) }

        let asked = Mutex<[String]>([])
        let requests: Requests
        let server: ScriptedServer
        let folder: TemporaryDirectory

        /// - Parameter isMarked: whether the cluster says that Peerquake made it.
        init(isMarked: Bool) throws {
            folder = try TemporaryDirectory()
            let requests = Requests()
            self.requests = requests
            server = ScriptedServer { connection in
                while let head = connection.head() {
                    let line = String(head.prefix { $0 != "\r" })
                    requests.lines.withLock { $0.append(line) }
                    if line.contains("/nodes") {
                        connection.answer(
                            body:
                                "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{\"metadata\":{\"name\":\"n\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"nodeInfo\":{\"kubeletVersion\":\"v1.36.2\"}}}]}"
                        )
                    } else if line.hasPrefix("GET"), !isMarked {
                        connection.answer(404, body: "{\"kind\":\"Status\",\"reason\":\"NotFound\"}")
                    } else {
                        connection.answer(body: "{\"metadata\":{\"name\":\"peerquake-made\"}}")
                        // A body may follow its head: it belongs to this request.
                        return
                    }
                }
            }
            try folder.file(
                "kc",
                """
                clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(server.port)"}}]
                contexts: [{name: kind-east, context: {cluster: c}}, {name: kind-west, context: {cluster: c}}]
                """)
        }

        var kubeconfig: String { folder.path + "/kc" }

        func provisioner(clusters: String) -> KindProvisioner {
            KindProvisioner(kubeconfig: kubeconfig, environment: [:]) { arguments, _ in
                self.asked.withLock { $0.append(arguments.joined(separator: " ")) }
                var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
                if arguments == ["get", "clusters"] { result.standardOutput = clusters }
                return result
            }
        }
    }

    private let east = KindConfig(path: "east.yaml", name: "east", nodes: 1, hasDefaultCNI: true)

    @Test("a cluster that is there is adopted, never made anew")
    func adopts() async throws {
        let fake = try Fake(isMarked: false)
        defer { fake.server.stop() }
        let outcome = try await fake.provisioner(clusters: "east\n").up(east, image: nil, existing: ["east"])
        #expect(outcome == .adopted)
        #expect(
            fake.asked.withLock { $0 } == ["export kubeconfig --name east --kubeconfig \(fake.kubeconfig)"])
        #expect(fake.requests.lines.withLock { $0 }.allSatisfy { $0.hasPrefix("GET /api/v1/nodes") })
    }

    @Test(
        "down deletes what Peerquake made, and what is named",
        arguments: [
            (true, [String](), ["east", "west"]), (false, [], []), (false, ["west"], ["west"]),
        ])
    func deletes(isMarked: Bool, names: [String], gone: [String]) async throws {
        let fake = try Fake(isMarked: isMarked)
        defer { fake.server.stop() }
        #expect(try await fake.provisioner(clusters: "west\neast\n").down(names) == gone)
        #expect(
            fake.asked.withLock { $0.dropFirst() }
                == ArraySlice(gone.map { "delete cluster --name \($0) --kubeconfig \(fake.kubeconfig)" }))
    }

    @Test("down of a name that is not there deletes nothing")
    func unknown() async throws {
        let fake = try Fake(isMarked: true)
        defer { fake.server.stop() }
        let error = await #expect(throws: KindError.self) {
            try await fake.provisioner(clusters: "east\n").down(["east", "wset"])
        }
        #expect(error?.code == .config)
        #expect(fake.asked.withLock { $0 } == ["get clusters"])
    }

    @Test("configurations are read for what matters here, and refused with a position")
    func configurations() throws {
        let config = try KindConfig.parse(
            "kind: Cluster\nname: east\nnetworking: {disableDefaultCNI: true}\nnodes: [{role: worker}, {role: worker}]",
            path: "c.yaml")
        #expect(config == KindConfig(path: "c.yaml", name: "east", nodes: 2, hasDefaultCNI: false))
        let error = #expect(throws: KindError.self) { try KindConfig.parse("kind: Pod", path: "c.yaml") }
        #expect(error.map { "\($0)" }?.hasPrefix("c.yaml:1:1: ") == true)
    }
}
