import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// Commands and the kubectl that they start, by kubeconfigs as people have them.
    @Suite("Kubeconfigs")
    struct KubeconfigCommandTests {
        private let pair: EmbeddedPair
        private let addresses: [String: String]

        init() throws {
            pair = try #require(EmbeddedPair.current)
            let contexts = try Kubeconfig.load(path: pair.kubeconfig, environment: [:]).contexts
            addresses = Dictionary(
                uniqueKeysWithValues: contexts.map { ($0.name, String($0.cluster.server.dropFirst("http://".count))) })
        }

        private func host(_ name: String) throws -> RecordingProxy.Target {
            let parts = try #require(addresses[name]).split(separator: ":").map(String.init)
            return .init(parts[0], port: try #require(Int(parts[1])))
        }

        private func proxy() throws -> RecordingProxy {
            RecordingProxy([
                "east.private.test:6443": try host("east"), "west.private.test:6443": try host("west"),
            ])
        }

        private func config(_ name: String, _ servers: [String: String], cluster: String = "") throws -> String {
            let names = servers.keys.sorted()
            return try pair.folder.file(
                name,
                """
                apiVersion: v1
                kind: Config
                clusters:
                \(names.map { "- {name: \($0), cluster: {server: \"\(servers[$0] ?? "")\"\(cluster)}}" }.joined(separator: "\n"))
                contexts:
                \(names.map { "- {name: \($0), context: {cluster: \($0), user: none}}" }.joined(separator: "\n"))
                - {name: old-lab, context: {cluster: old-lab, user: old-lab}}
                users: [{name: none, user: {}}]
                """)
        }

        /// Cordons a node by kubectl, and puts it back.
        private func run(_ kubeconfig: String, _ environment: String = "", options: String = "") async throws
            -> CommandResult
        {
            let plan = BuiltCommand.root.appending(path: "Tests/Recovery/cordon.yaml").path
            return try await pair.shell(
                "\(environment) $peerquake run \(plan) --env embedded --kubeconfig \(kubeconfig) --out $out \(options)",
                plan: plan)
        }

        @Test("a stale context keeps no one from the others, and is refused with its place where it is meant")
        func stale() async throws {
            let kubeconfig = try config("stale", addresses.mapValues { "http://\($0)" })
            try await pair.unchanged {
                let result = try await run(kubeconfig)
                #expect(result.exitCode == 0, "\(result.standardError)")
                let all = try await Command([BuiltCommand.path(), "recover", "--kubeconfig", kubeconfig])
                    .run(timeout: .seconds(60))
                #expect(all.exitCode == 0, "\(all.standardError)")
                #expect(all.standardError.contains("context \"old-lab\" is left out: \(kubeconfig):9:38: cluster"))
                let meant = try await run(kubeconfig, options: "--cluster west=old-lab")
                #expect(meant.exitCode == 64)
                #expect(
                    meant.standardError.contains("\(kubeconfig):9:38: cluster \"old-lab\" is not in the kubeconfig"),
                    "\(meant.standardError)")
            }
        }

        @Test("goes through the proxy that a kubeconfig or the environment names, kubectl and all")
        func proxied() async throws {
            let proxy = try self.proxy()
            defer { proxy.stop() }
            let servers = ["east": "http://east.private.test:6443", "west": "http://west.private.test:6443"]
            let address = "127.0.0.1:\(proxy.port)"
            let rows = [
                (
                    try config("proxied", servers, cluster: ", proxy-url: \"http://\(address)\""),
                    "NO_PROXY=* HTTP_PROXY=127.0.0.1:9"
                ),
                (try config("socks", servers, cluster: ", proxy-url: \"socks5://\(address)\""), ""),
                (try config("environment", servers), "http_proxy=http://\(address)"),
            ]
            try await pair.unchanged {
                for (kubeconfig, environment) in rows {
                    let result = try await run(kubeconfig, environment)
                    // Over SOCKS nobody rewrites the Host header, and an embedded cluster answers to its own alone.
                    if kubeconfig.hasSuffix("socks") {
                        #expect(
                            proxy.requests.contains { $0.hasPrefix("SOCKS5 ") && $0.contains(".private.test:6443") })
                    } else {
                        #expect(result.exitCode == 0, "\(kubeconfig): \(result.standardError)")
                    }
                }
                let cordons = proxy.requests.filter {
                    $0.hasPrefix("PATCH http://west.private.test:6443/api/v1/nodes/")
                }
                #expect(!cordons.isEmpty, "\(proxy.requests.filter { $0.hasPrefix("P") })")
                // Neither lanes nor agents went that way.
                #expect(!proxy.requests.contains { $0.contains("mesh.internal") })
            }
        }

        @Test("a syntax error, a wrong type or bad base64 anywhere refuses the file, with its place")
        func refused() async throws {
            let kubeconfig = try config("broken", addresses.mapValues { "http://\($0)" })
            for (text, says) in [
                ("users: [{name: none, user: {token: 1}}]", "users[0].user.token: a text is expected, not a number"),
                ("users: [{name: other, user: {client-key-data: \"?\"}}]", "users[0].user.client-key-data: not base64"),
                ("users: [", "more:2:1: "),
            ] {
                let broken = try pair.folder.file("more", text)
                let result = try await run("\(kubeconfig):\(broken)")
                #expect(result.exitCode == 64)
                #expect(result.standardError.contains(says), "\(result.standardError)")
                #expect(result.standardError.contains("\(broken):"), "\(result.standardError)")
            }
        }
    }
}
