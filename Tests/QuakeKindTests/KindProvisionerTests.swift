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

        /// - Parameters:
        ///   - isMarked: whether the cluster says that Peerquake made it.
        ///   - ready: of its node.
        init(isMarked: Bool, ready: String = "True") throws {
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
                                "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[{\"metadata\":{\"name\":\"n\"},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"\(ready)\"}],\"nodeInfo\":{\"kubeletVersion\":\"v1.36.2\"}}}]}"
                        )
                    } else if line.hasPrefix("GET"), !isMarked {
                        connection.answer(404, body: "{\"kind\":\"Status\",\"reason\":\"NotFound\"}")
                    } else {
                        connection.answer(
                            body: "{\"metadata\":{\"name\":\"peerquake-made\"},\"data\":{\"network\":\"kind\"}}")
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

        /// - Parameters:
        ///   - failure: what kind's `command` says when it fails; `nil` where it does not.
        ///   - times: how often it fails before it does not.
        func provisioner(
            clusters: String, failure: String? = nil, of command: String = "create", times: Int = .max,
            lockPatience: Duration = .seconds(15)
        ) -> KindProvisioner {
            KindProvisioner(kubeconfig: kubeconfig, environment: [:], lockPatience: lockPatience) { arguments, _ in
                let before = self.asked.withLock { asked in
                    defer { asked.append(arguments.joined(separator: " ")) }
                    return asked.count { $0.hasPrefix(command) }
                }
                var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
                if arguments == ["get", "clusters"] { result.standardOutput = clusters }
                if let failure, arguments.first == command, before < times {
                    result.exitCode = 1
                    result.standardError = failure
                }
                return result
            }
        }

        /// An engine of that name, which keeps what it is asked too.
        func engine(_ name: String, images: String = "") -> ContainerEngine {
            ContainerEngine(name) { arguments, _ in
                self.asked.withLock { $0.append(([name] + arguments).joined(separator: " ")) }
                var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
                if arguments.first == "images" { result.standardOutput = images }
                return result
            }
        }
    }

    private let east = KindConfig(path: "east.yaml", name: "east", nodes: 1, hasDefaultCNI: true)

    @Test("a cluster that exists is adopted, never recreated")
    func adopts() async throws {
        let fake = try Fake(isMarked: false)
        defer { fake.server.stop() }
        let outcome = try await fake.provisioner(clusters: "east\n").up(east, image: nil, existing: ["east"])
        #expect(outcome.isAdopted)
        #expect(outcome.words == "adopted, 1 node Ready")
        #expect(
            fake.asked.withLock { $0 } == ["export kubeconfig --name east --kubeconfig \(fake.kubeconfig)"])
        #expect(fake.requests.lines.withLock { $0 }.allSatisfy { $0.hasPrefix("GET /api/v1/nodes") })
    }

    private static let locked = "ERROR: failed to lock config file: open /home/you/.kube/config.lock: file exists"

    @Test(
        "a kubeconfig that is being written is waited for, whichever command met it",
        arguments: [("export", true), ("create", false), ("delete", true)])
    func locked(command: String, isThere: Bool) async throws {
        let fake = try Fake(isMarked: true)
        defer { fake.server.stop() }
        let kind = fake.provisioner(clusters: "east\n", failure: Self.locked, of: command, times: 2)
        if command == "delete" {
            #expect(try await kind.down(["east"]) == ["east"])
        } else {
            let standing = try await kind.up(east, image: nil, existing: isThere ? ["east"] : [])
            #expect(standing.isAdopted == isThere)
        }
        let asked = fake.asked.withLock { $0 }.compactMap { $0.split(separator: " ").first.map(String.init) }
        switch command {
        // One that was made is not made again.
        case "create": #expect(asked == ["create", "export"])
        case "delete": #expect(asked == ["get", "delete", "delete", "delete"])
        default: #expect(asked == ["export", "export", "export"])
        }
    }

    @Test("a kubeconfig that stays locked is reported, with what to do")
    func staysLocked() async throws {
        let fake = try Fake(isMarked: true)
        defer { fake.server.stop() }
        let kind = fake.provisioner(
            clusters: "east\n", failure: Self.locked, of: "export", lockPatience: .milliseconds(50))
        let error = await #expect(throws: KindError.self) {
            try await kind.up(east, image: nil, existing: ["east"])
        }
        #expect(error?.message.contains("config.lock: file exists") == true)
        #expect(error?.hint?.contains("delete the lock file") == true)
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

    @Test("a network that was created with the clusters is known by their mark", arguments: [true, false])
    func networks(isMarked: Bool) async throws {
        let fake = try Fake(isMarked: isMarked)
        defer { fake.server.stop() }
        #expect(try await fake.provisioner(clusters: "east\n").madeNetworks([]) == (isMarked ? ["kind"] : []))
        await fake.engine("docker").removeUnused(network: "kind")
        #expect(fake.asked.withLock { $0.last } == "docker network rm kind")
    }

    @Test("one that Peerquake did not make may have other nodes than the configuration")
    func adoptsAnother() async throws {
        let fake = try Fake(isMarked: false)
        defer { fake.server.stop() }
        let four = KindConfig(path: "east.yaml", name: "east", nodes: 4, hasDefaultCNI: true)
        let standing = try await fake.provisioner(clusters: "east\n").up(four, image: nil, existing: ["east"])
        #expect(standing.words == "adopted as it is (east.yaml has 4 nodes), 1 node Ready")
    }

    @Test("without kind's CNI nodes are not waited for longer than until they are registered, and it is said why")
    func noCNI() async throws {
        let fake = try Fake(isMarked: true, ready: "False")
        defer { fake.server.stop() }
        let bare = KindConfig(path: "east.yaml", name: "east", nodes: 1, hasDefaultCNI: false)
        // The wait for Ready would end as an error.
        let standing = try await fake.provisioner(clusters: "").up(bare, image: "kindest/node:v1.36.2", existing: [])
        #expect(standing.nodes == 1 && standing.ready == 0 && !standing.isAdopted)
        #expect(
            standing.words
                == "created, 1 node registered, 0 of them Ready: east.yaml disables kind's CNI, and they wait for another one"
        )
        #expect(
            fake.asked.withLock { $0 } == [
                "create cluster --name east --config east.yaml --image kindest/node:v1.36.2 --kubeconfig \(fake.kubeconfig)"
            ])
    }

    private static let pullFailure =
        "ERROR: failed to create cluster: failed to pull image \"kindest/node:v1.36.1@sha256:0a1b\": command failed"

    @Test(
        "without a registry the images are named that are there, or how to bring one",
        arguments: [
            (
                "docker", "kindest/node:v1.36.2\nbusybox:latest\n",
                "docker has kindest/node:v1.36.2: --image kindest/node:v1.36.2"
            ),
            ("podman", "docker.io/kindest/node:v1.35.0\n", "--image docker.io/kindest/node:v1.35.0"),
            ("docker", "kindest/node:<none>\n", "docker load here, and --image kindest/node:TAG"),
        ])
    func withoutRegistry(engine: String, images: String, hint: String) async throws {
        let fake = try Fake(isMarked: true)
        defer { fake.server.stop() }
        let error = await #expect(throws: KindError.self) {
            try await fake.provisioner(clusters: "", failure: Self.pullFailure)
                .up(east, image: nil, existing: [], engine: fake.engine(engine, images: images))
        }
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "none")")
        // Another failure is no question of images.
        let other = await #expect(throws: KindError.self) {
            try await fake.provisioner(clusters: "", failure: "ERROR: no space left")
                .up(east, image: nil, existing: [], engine: fake.engine(engine, images: images))
        }
        #expect(other?.hint == nil)
    }

    @Test("podman's own name of an image is changed for the one that nodes look for")
    func loads() async throws {
        let fake = try Fake(isMarked: true)
        defer { fake.server.stop() }
        for engine in ["docker", "nerdctl", "podman"] {
            fake.asked.withLock { $0 = [] }
            try await fake.provisioner(clusters: "east\n")
                .load("peerquake-agent", into: "east", from: fake.engine(engine))
            let asked = fake.asked.withLock { $0 }
            #expect(asked.first == "\(engine) image inspect peerquake-agent")
            guard engine != "docker" else {
                #expect(asked.last == "load docker-image peerquake-agent --name east")
                continue
            }
            let name = engine == "podman" ? "docker.io/library/peerquake-agent:latest" : "peerquake-agent"
            #expect(asked.contains("podman tag peerquake-agent \(name)") == (engine == "podman"))
            #expect(asked.contains { $0.hasPrefix("\(engine) save -o ") && $0.hasSuffix(".tar \(name)") })
            #expect(asked.last?.hasPrefix("load image-archive ") == true)
        }
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
            """
            kind: Cluster
            apiVersion: kind.x-k8s.io/v1alpha4
            name: east
            networking: {disableDefaultCNI: true}
            nodes: [{role: control-plane}, {role: worker}]
            """, path: "c.yaml")
        #expect(config == KindConfig(path: "c.yaml", name: "east", nodes: 2, hasDefaultCNI: false))
        let error = #expect(throws: KindError.self) { try KindConfig.parse("kind: Pod", path: "c.yaml") }
        #expect(error.map { "\($0)" }?.hasPrefix("c.yaml:1:1: ") == true)
    }
}
