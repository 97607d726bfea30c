import Foundation
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@Suite("Requests to an API server")
struct TransportTests {
    private func client(
        _ server: ScriptedServer, user: Kubeconfig.User = .init(), options: KubeClient.Options = .init()
    ) -> KubeClient {
        KubeClient(
            Kubeconfig.Context(
                name: "test", cluster: .init(name: "test", server: "http://127.0.0.1:\(server.port)"), user: user),
            options: options)
    }

    /// Answers requests one after the other, whatever connection they come on, and keeps their heads.
    private final class Answers: Sendable {
        let heads = Mutex<[String]>([])
        private let left: Mutex<[(status: Int, fields: [String], body: String)]>

        init(_ answers: [(Int, [String], String)]) {
            left = Mutex(answers.map { (status: $0.0, fields: $0.1, body: $0.2) })
        }

        func serve(_ connection: ScriptedServer.Connection) {
            while let head = connection.head() {
                heads.withLock { $0.append(head) }
                let next = left.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                guard let next else { return }
                connection.answer(next.status, next.fields, body: next.body)
            }
        }
    }

    @Test("wait as long as a 429 or a 503 asks, and then ask again")
    func patience() async throws {
        let answers = Answers([
            (429, ["retry-after: 1"], "{}"), (503, ["retry-after: 0"], "{}"), (200, [], "{\"a\":1}"),
        ])
        let server = ScriptedServer(answers.serve)
        defer { server.stop() }
        let began = ContinuousClock.now
        #expect(try await client(server).get(.node("n"))["a"]?.intValue == 1)
        #expect(ContinuousClock.now - began >= .seconds(1))
        #expect(answers.heads.withLock { $0.count } == 3)
    }

    @Test("give up on a 429 that asks for more than the budget, and never repeat one without Retry-After")
    func impatience() async throws {
        let answers = Answers([(429, ["retry-after: 60"], "{}"), (429, [], "{}")])
        let server = ScriptedServer(answers.serve)
        defer { server.stop() }
        for _ in 0..<2 {
            let error = await #expect(throws: KubeError.self) { try await client(server).get(.node("n")) }
            #expect(error?.code == .tooManyRequests)
        }
        #expect(answers.heads.withLock { $0.count } == 2)
    }

    @Test("take a list page by page, and again from the start when its token is forgotten")
    func pages() async throws {
        func page(_ names: [String], next: String = "", version: Int = 7) -> String {
            let items = names.map { "{\"metadata\":{\"name\":\"\($0)\"}}" }.joined(separator: ",")
            return "{\"metadata\":{\"resourceVersion\":\"\(version)\",\"continue\":\"\(next)\"},\"items\":[\(items)]}"
        }
        let answers = Answers([
            (200, [], page(["a", "b"], next: "t1")), (410, [], "{\"reason\":\"Expired\"}"),
            (200, [], page(["a"], next: "t/2+")), (200, [], page(["c"], version: 9)),
        ])
        let server = ScriptedServer(answers.serve)
        defer { server.stop() }
        let list = try await client(server, options: .init(pageSize: 2)).list(.nodes, labels: "a=b,c!=d")
        #expect(list.items.map(\.name) == ["a", "c"])
        #expect(list.resourceVersion == "9")
        let heads = answers.heads.withLock { $0 }
        #expect(heads[0].hasPrefix("GET /api/v1/nodes?limit=2&labelSelector=a%3Db%2Cc%21%3Dd "))
        #expect(heads[1].contains("continue=t1") && !heads[2].contains("continue"))
        #expect(heads[3].contains("continue=t%2F2%2B"))
    }

    @Test(
        "turn a Status into an error with its code, reason and message",
        arguments: [
            (401, KubeError.Code.unauthorized), (403, .forbidden), (404, .notFound), (409, .conflict), (410, .gone),
            (422, .invalid), (500, .server),
        ])
    func statuses(status: Int, code: KubeError.Code) async throws {
        let server = ScriptedServer(Answers([(status, [], "{\"kind\":\"Status\",\"message\":\"so it is\"}")]).serve)
        defer { server.stop() }
        let error = await #expect(throws: KubeError.self) { try await client(server).get(.node("n")) }
        #expect(error?.code == code && error?.httpStatus == status)
        #expect(error.map { "\($0)" }?.contains("so it is") == true)
    }

    @Test("end by their time-out, or by cancellation, or by a refusal, and say which")
    func ends() async throws {
        let silent = ScriptedServer { connection in
            _ = connection.head()
            connection.pause(milliseconds: 3000)
        }
        let slow = await #expect(throws: KubeError.self) {
            try await client(silent).get(.node("n"), timeout: .milliseconds(200))
        }
        #expect(slow?.code == .timeout)
        let patient = client(silent)
        let call = Task { () -> KubeError? in
            do throws(KubeError) {
                _ = try await patient.get(.node("n"))
                return nil
            } catch {
                return error
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        call.cancel()
        #expect(await call.value?.code == .cancelled)
        silent.stop()
        let gone = ScriptedServer { _ in }
        let port = gone.port
        gone.stop()
        try await Task.sleep(for: .milliseconds(100))
        let refused = await #expect(throws: KubeError.self) {
            try await KubeClient(
                .init(name: "t", cluster: .init(name: "t", server: "http://127.0.0.1:\(port)"))
            ).get(.node("n"))
        }
        #expect(refused?.code == .unreachable)
    }

    @Test("show tokens, token files as they are now, passwords and plugins' answers")
    func credentials() async throws {
        let folder = try TemporaryDirectory()
        let token = try folder.file("token", "first\n")
        let answers = Answers(Array(repeating: (200, [], "{}"), count: 6))
        let server = ScriptedServer(answers.serve)
        defer { server.stop() }
        func bearer(_ user: Kubeconfig.User) async throws -> String? {
            _ = try await client(server, user: user).get(.node("n"))
            return answers.heads.withLock { $0.last }?.split(separator: "\r\n").first {
                $0.lowercased().hasPrefix("authorization:")
            }.map { String($0.dropFirst("authorization: ".count)) }
        }
        #expect(try await bearer(.init(token: "abc")) == "Bearer abc")
        #expect(try await bearer(.init(token: "abc", tokenFile: token)) == "Bearer first")
        try folder.file("token", "second")
        #expect(try await bearer(.init(tokenFile: token)) == "Bearer second")
        #expect(try await bearer(.init(username: "u", password: "p")) == "Basic dTpw")
        let plugin = try folder.script(
            "login",
            """
            echo x >> \(folder.path)/calls
            \(Credential.said("$WHO-$1"))
            """)
        let exec = Kubeconfig.ExecPlugin(command: plugin, arguments: ["arg"], environment: ["WHO": "me"])
        #expect(try await bearer(.init(exec: exec)) == "Bearer me-arg")
        var other = exec
        other.environment = ["WHO": "you"]
        #expect(try await bearer(.init(exec: other)) == "Bearer you-arg")
        _ = try await Credential.calls(folder)
    }

    /// Serves 401 to every token but those that it takes, and keeps what came.
    private static func picky(_ taken: String) -> (heads: Answers, server: ScriptedServer) {
        let heads = Answers([])
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                heads.heads.withLock { $0.append(head) }
                let isTaken = head.contains("Bearer \(taken)\r\n")
                _ = connection.body(of: head)
                connection.answer(isTaken ? 200 : 401, [], body: "{}")
            }
        }
        return (heads, server)
    }

    @Test("ask a plugin again after a 401, and repeat a read once")
    func refusedToken() async throws {
        let folder = try TemporaryDirectory()
        let (answers, server) = Self.picky("token-2")
        defer { server.stop() }
        // Each time another token.
        let plugin = try folder.script(
            "login", "echo x >>\(folder.path)/calls; \(Credential.said("token-$(grep -c x \(folder.path)/calls)"))")
        let client = self.client(server, user: .init(exec: .init(command: plugin)))
        _ = try await client.get(.node("n"))
        #expect(answers.heads.withLock { $0.count } == 2)
        // What it said counts for all.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await client.get(.node("n")) } }
            try await group.waitForAll()
        }
        #expect(try String(contentsOfFile: folder.path + "/calls", encoding: .utf8) == "x\nx\n")
        #expect(answers.heads.withLock { $0.count } == 10)
    }

    @Test("repeat no change after a 401, and a read no more than once")
    func refusedForGood() async throws {
        let folder = try TemporaryDirectory()
        let (answers, server) = Self.picky("none")
        defer { server.stop() }
        let plugin = try folder.script(
            "login", "echo x >>\(folder.path)/calls; \(Credential.said("token-$(grep -c x \(folder.path)/calls)"))")
        let client = self.client(server, user: .init(exec: .init(command: plugin)))
        let read = await #expect(throws: KubeError.self) { try await client.get(.node("n")) }
        #expect(read?.code == .unauthorized)
        #expect(answers.heads.withLock { $0.count } == 2)
        let change = await #expect(throws: KubeError.self) { try await client.delete(.node("n")) }
        #expect(change?.code == .unauthorized)
        #expect(answers.heads.withLock { $0.count } == 3)
    }

    @Test(
        "ask a plugin again when what it said has expired",
        arguments: [("2001-01-01T00:00:00Z", 2), ("2999-12-31T23:59:59.5+02:00", 1)])
    func expiry(stamp: String, calls: Int) async throws {
        let folder = try TemporaryDirectory()
        let (_, server) = Self.picky("t")
        defer { server.stop() }
        let said = Credential.said("t", ",\"expirationTimestamp\":\"\(stamp)\"")
        let plugin = try folder.script("login", "echo x >>\(folder.path)/calls; \(said)")
        let client = self.client(server, user: .init(exec: .init(command: plugin)))
        for _ in 0..<2 { _ = try await client.get(.node("n")) }
        #expect(try String(contentsOfFile: folder.path + "/calls", encoding: .utf8).count == 2 * calls)
    }

    @Test("a watch asks a plugin again after a 401")
    func refusedWatch() async throws {
        let folder = try TemporaryDirectory()
        let count = Mutex(0)
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                let isWatch = head.contains("watch=true")
                let list = "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}"
                let watches = count.withLock { count in
                    if isWatch { count += 1 }
                    return count
                }
                if isWatch, watches == 1 {
                    connection.answer(401, [], body: "{}")
                } else if isWatch {
                    let object = "{\"metadata\":{\"name\":\"n\",\"resourceVersion\":\"2\"}}"
                    connection.answer(200, [], body: "{\"type\":\"ADDED\",\"object\":\(object)}")
                } else {
                    connection.answer(200, [], body: list)
                }
            }
        }
        defer { server.stop() }
        let plugin = try folder.script("login", "echo x >>\(folder.path)/calls; \(Credential.said("t"))")
        let client = self.client(server, user: .init(exec: .init(command: plugin)))
        for await event in client.watch(.nodes) {
            if case .added = event { break }
        }
        #expect(try String(contentsOfFile: folder.path + "/calls", encoding: .utf8) == "x\nx\n")
    }

    @Test("keep a token file's last content while it cannot be read")
    func tokenFileGone() async throws {
        let folder = try TemporaryDirectory()
        let token = try folder.file("token", "first\n")
        let (_, server) = Self.picky("first")
        defer { server.stop() }
        let client = self.client(server, user: .init(tokenFile: token))
        _ = try await client.get(.node("n"))
        try FileManager.default.removeItem(atPath: token)
        _ = try await client.get(.node("n"))
        let other = self.client(server, user: .init(tokenFile: folder.path + "/absent"))
        let error = await #expect(throws: KubeError.self) { try await other.get(.node("n")) }
        #expect(error?.code == .config)
    }

    @Test("show nothing over plain http beyond this machine, and say so where that is refused")
    func withheld() async throws {
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                connection.answer(head.lowercased().contains("authorization") ? 200 : 401, [], body: "{}")
            }
        }
        defer { server.stop() }
        let proxy = RecordingProxy(["api.private.test:8080": .init(port: server.port)])
        defer { proxy.stop() }
        let context = Kubeconfig.Context(
            name: "far",
            cluster: .init(
                name: "c", server: "http://api.private.test:8080", proxyURL: "http://127.0.0.1:\(proxy.port)"),
            user: .init(name: "u", token: "secret"))
        let client = KubeClient(context, environment: [:])
        #expect(client.withheldCredentials != nil)
        let error = await #expect(throws: KubeError.self) { try await client.get(.node("n")) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("the credentials of user \"u\" are not sent") == true)
        #expect(error?.context.contains("through proxy http://127.0.0.1:\(proxy.port)") == true)
        #expect(!proxy.heads.contains { $0.contains("secret") })
    }

    /// What a plugin must not say.
    static let unspeakable: [(said: String, says: String)] = [
        ("nothing", "no ExecCredential"), ("{\"status\":{\"token\":\"t\"}}", "no ExecCredential"),
        (
            "{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}",
            "is configured for client.authentication.k8s.io/v1, and printed client.authentication.k8s.io/v1beta1"
        ),
        ("{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\"}", "no status"),
        (
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{}}",
            "neither a token nor a certificate"
        ),
        (
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"clientKeyData\":\"k\"}}",
            "a certificate or a key, and not both"
        ),
        (
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"soon\"}}",
            "expirationTimestamp soon"
        ),
    ]

    @Test("fail with what a plugin printed", arguments: unspeakable)
    func speech(said: String, says: String) async throws {
        let folder = try TemporaryDirectory()
        let server = ScriptedServer { _ in }
        defer { server.stop() }
        let exec = Kubeconfig.ExecPlugin(command: try folder.script("login", "cat <<'EOF'\n\(said)\nEOF"))
        let error = await #expect(throws: KubeError.self) {
            try await client(server, user: .init(exec: exec)).get(.node("n"))
        }
        #expect(error?.code == .config)
        #expect(error.map { "\($0)" }?.contains(says) == true, "\(String(describing: error))")
        #expect(server.connections == 0)
    }

    @Test("fail with what a plugin said")
    func plugin() async throws {
        let folder = try TemporaryDirectory()
        let server = ScriptedServer { _ in }
        defer { server.stop() }
        let exec = Kubeconfig.ExecPlugin(
            command: try folder.script("login", "echo not logged in >&2; exit 1"), installHint: "run login first")
        let error = await #expect(throws: KubeError.self) {
            try await client(server, user: .init(exec: exec)).get(.node("n"))
        }
        #expect(error?.code == .config)
        #expect(error.map { "\($0)" }?.contains("not logged in") == true)
        #expect(error.map { "\($0)" }?.contains("run login first") == true)
        #expect(server.connections == 0)
    }
}

private enum Credential {
    /// A line of a shell's script that prints what a plugin says.
    static func said(_ token: String, _ more: String = "") -> String {
        let text =
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"\(token)\"\(more)}}"
        return "echo \"\(text.replacing("\"", with: "\\\""))\""
    }

    /// The plugin ran once for each identity: its answers are kept.
    static func calls(_ folder: TemporaryDirectory) async throws {
        let text = try String(contentsOfFile: folder.path + "/calls", encoding: .utf8)
        #expect(text == "x\nx\n")
    }
}
