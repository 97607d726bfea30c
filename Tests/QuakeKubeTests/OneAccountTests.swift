import Foundation
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

/// A kubectl, and what it knows.
struct KubectlBinary: Sendable, CustomTestStringConvertible {
    var path: String
    var isOld = false

    var testDescription: String { isOld ? "Debian's kubectl" : "kubectl" }

    private static let environment = ProcessInfo.processInfo.environment
    static let all: [KubectlBinary] =
        [KubectlBinary(path: environment["PEERQUAKE_KUBECTL_NEW"] ?? "kubectl")]
        + [environment["PEERQUAKE_KUBECTL_OLD"]].compactMap { $0 }.filter { $0.hasPrefix("/") }
        .map { KubectlBinary(path: $0, isOld: true) }
}

/// One kubeconfig: what its cluster and its user have, and what the environment says.
struct AccountCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var server = "https://127.0.0.1:$PORT"
    /// Fields of the cluster, besides its server and its authority; `$PROXY` is a recording proxy's address.
    var cluster = ""
    /// Fields of the user; `$DIR` is a folder with a PKI, tokens and plugins.
    var user: String
    var environment: [String: String] = [:]
    /// What kubectl 1.20 does not have.
    var isNew = false
    /// What both must have sent, among other things.
    var says: [String]
}

@Suite(
    "The account of kubectl and of our own requests",
    .enabled(if: TLSFront.tools != nil, "nginx and openssl are needed"))
struct OneAccountTests {
    private static let plugin = "apiVersion: client.authentication.k8s.io/v1beta1"

    private static let cases: [AccountCase] = [
        .init(testDescription: "a token", user: "token: abc", says: ["Authorization: Bearer abc"]),
        .init(testDescription: "a token file", user: "tokenFile: token", says: ["Authorization: Bearer of-file"]),
        .init(
            testDescription: "a token file beside a token", user: "token: abc\ntokenFile: $DIR/token",
            says: ["Authorization: Bearer of-file"]),
        .init(
            testDescription: "a name and a password", user: "username: u\npassword: \"p:w\"",
            says: ["Authorization: Basic dTpwOnc="]),
        .init(
            testDescription: "a client certificate", user: "client-certificate: admin.crt\nclient-key: $DIR/admin.key",
            says: ["X-User: CN=admin,O=system:masters"]),
        .init(
            testDescription: "a certificate and a token",
            user: "client-certificate: admin.crt\nclient-key: admin.key\ntoken: abc",
            says: ["Authorization: Bearer abc", "X-User: CN=admin,O=system:masters"]),
        .init(
            testDescription: "another account's name and groups",
            user: """
                token: abc
                as: "system:serviceaccount:ns:bot"
                as-groups: [dev, "", ops team]
                as-user-extra: {scopes: [view, edit], "acme.com/Project%": ["a b"], empty: []}
                """,
            says: [
                "Authorization: Bearer abc", "Impersonate-User: system:serviceaccount:ns:bot", "Impersonate-Group: dev",
                "Impersonate-Group: ops team", "Impersonate-Extra-Scopes: edit",
                "Impersonate-Extra-Acme.com%2fproject%25: a b",
            ]),
        .init(
            testDescription: "another account's uid", user: "token: abc\nas: jane\nas-uid: \"7\"", isNew: true,
            says: ["Impersonate-User: jane", "Impersonate-Uid: 7"]),
        .init(
            testDescription: "another account over plain http", server: "http://127.0.0.1:$PLAIN", user: "as: jane",
            says: ["Impersonate-User: jane"]),
        .init(
            testDescription: "a plugin's token", user: "exec: {\(plugin), command: ./plugin, args: [v1beta1]}",
            says: ["Authorization: Bearer of-plugin"]),
        .init(
            testDescription: "a plugin's token, version 1",
            user: """
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  interactiveMode: IfAvailable
                  command: $DIR/plugin
                  args: [v1]
                  env: [{name: WHO, value: me}]
                """, isNew: true, says: ["Authorization: Bearer of-pluginme"]),
        .init(
            testDescription: "a plugin's certificate",
            user: "exec: {\(plugin), command: ./plugin, args: [v1beta1, cert]}",
            says: ["X-User: CN=admin,O=system:masters"]),
        .init(
            testDescription: "a token beside a plugin, which is not asked",
            user: "token: abc\nexec: {\(plugin), command: ./absent}", says: ["Authorization: Bearer abc"]),
        .init(
            testDescription: "a proxy of the kubeconfig", server: "https://api.private.test:$PORT",
            cluster: "proxy-url: http://$PROXY", user: "token: abc",
            says: ["Authorization: Bearer abc", "CONNECT api.private.test:$PORT"]),
        .init(
            testDescription: "a proxy of the kubeconfig, which wins over loopback and NO_PROXY",
            cluster: "proxy-url: http://$PROXY", user: "token: abc",
            environment: ["NO_PROXY": "*", "HTTPS_PROXY": "http://127.0.0.1:9"], says: ["CONNECT 127.0.0.1:$PORT"]),
        .init(
            testDescription: "a SOCKS proxy, which resolves names", server: "https://api.private.test:$PORT",
            cluster: "proxy-url: socks5://$PROXY", user: "token: abc", says: ["SOCKS5 api.private.test:$PORT"]),
        .init(
            testDescription: "a proxy before plain http", server: "http://api.private.test:$PLAIN",
            cluster: "proxy-url: http://me:secret@$PROXY", user: "as: jane",
            says: [
                "GET http://api.private.test:$PLAIN/api/v1/nodes", "Impersonate-User: jane",
                "Proxy-Authorization: Basic bWU6c2VjcmV0",
            ]),
        .init(
            testDescription: "credentials, which plain http beyond this machine does not carry",
            server: "http://api.private.test:$PLAIN", cluster: "proxy-url: http://$PROXY",
            user: "token: abc\nas: jane", says: ["Impersonate-User: jane"]),
        .init(
            testDescription: "HTTPS_PROXY", server: "https://api.private.test:$PORT", user: "token: abc",
            environment: [
                "HTTPS_PROXY": "http://$PROXY", "HTTP_PROXY": "http://127.0.0.1:9", "NO_PROXY": "other.test",
            ],
            says: ["CONNECT api.private.test:$PORT"]),
        .init(
            testDescription: "https_proxy without a scheme", server: "https://api.private.test:$PORT",
            user: "token: abc",
            environment: ["https_proxy": "$PROXY", "no_proxy": "private.test:1, 10.0.0.0/8"],
            says: ["CONNECT api.private.test:$PORT"]),
        .init(
            testDescription: "HTTP_PROXY, for plain http alone", server: "http://api.private.test:$PLAIN",
            user: "as: jane",
            environment: ["HTTP_PROXY": "http://$PROXY", "http_proxy": "http://127.0.0.1:9"],
            says: ["GET http://api.private.test:$PLAIN/api/v1/nodes"]),
        .init(
            testDescription: "a proxy of the environment, never for loopback", user: "token: abc",
            environment: ["HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"],
            says: ["Authorization: Bearer abc"]),
        .init(
            testDescription: "another name in the certificate", server: "https://localhost:$PORT",
            cluster: "tls-server-name: api", user: "token: abc", says: ["X-Host: localhost:$PORT", "X-Name: api"]),
        .init(
            testDescription: "another name in the certificate, through a proxy", server: "https://hidden.test:$PORT",
            cluster: "tls-server-name: api\nproxy-url: http://$PROXY", user: "token: abc",
            says: ["CONNECT hidden.test:$PORT", "X-Host: hidden.test:$PORT", "X-Name: api"]),
    ]

    private static let addresses: [AccountCase] = [
        .init(
            testDescription: "an IPv6 address", server: "https://[::1]:$PORT", user: "token: abc",
            says: ["X-Host: [::1]:$PORT"]),
        .init(
            testDescription: "an IPv6 address and another name", server: "https://[::1]:$PORT",
            cluster: "tls-server-name: api", user: "token: abc", says: ["X-Host: [::1]:$PORT", "X-Name: api"]),
        .init(
            testDescription: "an IPv6 address as the other name", cluster: "tls-server-name: \"::1\"",
            user: "token: abc",
            says: ["X-Host: 127.0.0.1:$PORT"]),
    ]

    @Test("is one", .timeLimit(.minutes(3)), arguments: KubectlBinary.all)
    func same(_ kubectl: KubectlBinary) async throws {
        let bench = try await AccountBench()
        let rows = Self.cases + (TLSFront.hasIPv6 ? Self.addresses : [])
        for row in rows where !(kubectl.isOld && row.isNew) {
            let (theirs, ours) = try await bench.ask(row, kubectl)
            #expect(theirs == ours, "\(row.testDescription)")
            for line in row.says.map(bench.filled) {
                #expect(ours.contains(line), "\(row.testDescription): no \(line) in \(ours)")
            }
            // kubectl shows nothing over plain http, not even on loopback.
            if !row.server.hasPrefix("https") { #expect(!ours.contains { $0.hasPrefix("Authorization") }) }
        }
        await bench.stop()
    }

    @Test("is reported to plugins in the same words", .timeLimit(.minutes(2)))
    func clusterInfo() async throws {
        let bench = try await AccountBench()
        let kubectl = try #require(KubectlBinary.all.first)
        let row = AccountCase(
            testDescription: "", server: "https://api.private.test:$PORT",
            cluster: """
                proxy-url: http://$PROXY
                tls-server-name: api
                extensions:
                - {name: client.authentication.k8s.io/exec, extension: {audience: x, count: 3}}
                """,
            user: "exec: {\(Self.plugin), command: ./plugin, args: [v1beta1], provideClusterInfo: true}", says: [])
        try bench.forget()
        _ = try await bench.theirs(row, kubectl)
        let theirs = try bench.told()
        try bench.forget()
        _ = try await bench.ours(row)
        let ours = try bench.told()
        #expect(theirs == ours)
        #expect(theirs.at("spec", "cluster", "config", "audience")?.stringValue == "x")
        #expect(theirs.at("spec", "interactive")?.boolValue == false)
        await bench.stop()
    }
}

/// A server behind TLS and one without, a proxy that knows their names, and what came to each.
final class AccountBench: Sendable {
    private let heads: Heads
    private let server: ScriptedServer
    private let front: TLSFront
    private let proxy: RecordingProxy

    init() async throws {
        let heads = Heads()
        server = ScriptedServer(heads.serve)
        front = try await TLSFront(before: server.port)
        proxy = RecordingProxy([
            "api.private.test:\(front.port)": .init(port: front.port),
            "127.0.0.1:\(front.port)": .init(port: front.port),
            "hidden.test:\(front.port)": .init(port: front.port),
            "api.private.test:\(server.port)": .init(port: server.port),
        ])
        self.heads = heads
        try front.folder.file("token", "of-file\n")
        _ = try front.folder.script(
            "plugin",
            """
            echo "$KUBERNETES_EXEC_INFO" >\(front.folder.path)/told
            if [ "$2" = cert ]; then
                json() { awk '{printf "%s\\\\n", $0}' \(front.folder.path)/$1; }
                status="\\"clientCertificateData\\":\\"$(json admin.crt)\\",\\"clientKeyData\\":\\"$(json admin.key)\\""
            else
                status="\\"token\\":\\"of-plugin$WHO\\""
            fi
            printf '%s\\n' "{\\"apiVersion\\":\\"client.authentication.k8s.io/$1\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{$status}}"
            """)
    }

    /// What came, one request a connection.
    private final class Heads: Sendable {
        let all = Mutex<[String]>([])

        func serve(_ connection: ScriptedServer.Connection) {
            guard let head = connection.head() else { return }
            all.withLock { $0.append(head) }
            connection.answer(
                200, ["content-type: application/json", "connection: close"],
                body: "{\"kind\":\"NodeList\",\"items\":[]}")
        }
    }

    func stop() async {
        await front.stop()
        server.stop()
        proxy.stop()
    }

    func filled(_ text: String) -> String {
        text.replacingOccurrences(of: "$PORT", with: "\(front.port)")
            .replacingOccurrences(of: "$PLAIN", with: "\(server.port)")
            .replacingOccurrences(of: "$PROXY", with: "127.0.0.1:\(proxy.port)")
            .replacingOccurrences(of: "$DIR", with: front.folder.path)
    }

    private func kubeconfig(_ row: AccountCase) throws -> String {
        func block(_ text: String, _ indent: String) -> String {
            text.split(separator: "\n").map { "\(indent)\($0)\n" }.joined()
        }
        let authority = row.server.hasPrefix("https") ? "    certificate-authority: ca.crt\n" : ""
        return try front.folder.file(
            "config",
            filled(
                """
                apiVersion: v1
                kind: Config
                clusters:
                - name: c
                  cluster:
                    server: \(row.server)
                \(authority)\(block(row.cluster, "    "))contexts:
                - name: stale
                  context: {cluster: gone, user: gone}
                - name: x
                  context: {cluster: c, user: u}
                users:
                - name: u
                  user:
                \(block(row.user, "    "))
                """))
    }

    private func environment(_ row: AccountCase) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.lowercased().hasSuffix("_proxy") }
        for (name, value) in row.environment { environment[name] = filled(value) }
        return environment
    }

    /// What kubectl sent, and what we did.
    func ask(_ row: AccountCase, _ kubectl: KubectlBinary) async throws -> (theirs: [String], ours: [String]) {
        (try await theirs(row, kubectl), try await ours(row))
    }

    func theirs(_ row: AccountCase, _ kubectl: KubectlBinary) async throws -> [String] {
        let mark = self.mark()
        let result = try await Kubectl(
            binary: kubectl.path, kubeconfigPath: try kubeconfig(row), context: "x",
            cacheDirectory: "\(front.folder.path)/cache", environment: environment(row)
        ).run(["get", "--raw", "/api/v1/nodes"], timeout: .seconds(30))
        #expect(result.succeeded, "\(row.testDescription): \(result.standardError)")
        return news(since: mark)
    }

    func ours(_ row: AccountCase) async throws -> [String] {
        let mark = self.mark()
        let environment = self.environment(row)
        let context = try Kubeconfig.load(path: try kubeconfig(row), environment: environment).context("x")
        _ = try await KubeClient(context, environment: environment).raw("GET", "/api/v1/nodes")
        return news(since: mark)
    }

    private func mark() -> (heads: Int, asked: Int, requests: Int) {
        (heads.all.withLock { $0.count }, proxy.heads.count, proxy.requests.count)
    }

    /// Which way, as whom: what of the requests since then tells the account.
    private func news(since mark: (heads: Int, asked: Int, requests: Int)) -> [String] {
        let names = [
            "authorization:", "impersonate-", "x-user:", "x-host:", "x-name:", "proxy-authorization:",
        ]
        // A kubectl that chooses its own version by the server's asks for that once.
        let came = heads.all.withLock { $0[mark.heads...].filter { $0.contains("/api/v1/nodes") } }
        let asked = proxy.requests[mark.requests...].filter { !$0.hasPrefix("GET ") || $0.hasSuffix("/api/v1/nodes") }
        let lines = (came + proxy.heads[mark.asked...]).flatMap { $0.split(separator: "\r\n") }.map(String.init)
        let fields = lines.filter { line in names.contains { line.lowercased().hasPrefix($0) } }
        return Set((fields + asked).map { $0.trimmingCharacters(in: .whitespaces) }).sorted()
    }

    /// What a plugin was told last.
    func told() throws -> JSONValue {
        try JSONValue(parsing: String(contentsOfFile: "\(front.folder.path)/told", encoding: .utf8))
    }

    func forget() throws { try? FileManager.default.removeItem(atPath: "\(front.folder.path)/told") }
}
