import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// `peerquake manifests` without a cluster.
@Suite("peerquake manifests")
struct ManifestsCommandTests {
    private func manifests(_ arguments: [String]) async throws -> CommandResult {
        try await Command([BuiltCommand.path(), "manifests"] + arguments).run(timeout: .seconds(90))
    }

    /// `<!-- peerquake manifests … -->`, then what it prints in a block of code.
    @Test("prints what its page shows")
    func page() async throws {
        let text = try String(
            contentsOf: BuiltCommand.root.appending(path: "docs/manifests.md"), encoding: .utf8)
        let examples = text.matches(of: /<!-- peerquake manifests (.*) -->\n```yaml\n((?:.*\n)*?)```\n/)
        #expect(examples.count == 3)
        for example in examples {
            let result = try await manifests(example.1.split(separator: " ").map(String.init))
            #expect(result.exitCode == 0 && result.standardError.isEmpty, "\(result.standardError)")
            #expect(
                result.standardOutput == String(example.2),
                "replace the block below <!-- peerquake manifests \(example.1) --> by what it prints")
        }
    }

    @Test("writes the very parts to files, and prints where")
    func files() async throws {
        let folder = try TemporaryDirectory()
        let options = ["--mesh", "solo", "--peering", "NodePort", "--node-pools", "a,b"]
        let json = try JSONValue(parsing: try await manifests(options + ["--json"]).standardOutput)
        let blocks = json["blocks"]?.arrayValue ?? []
        let out = "\(folder.path)/config"
        let result = try await manifests(options + ["--out", out])
        let files = blocks.compactMap { $0["file"]?.stringValue }
        #expect(result.standardOutput == files.map { "\(out)/\($0)\n" }.joined())
        #expect(try FileManager.default.contentsOfDirectory(atPath: out).sorted() == files.sorted())
        for block in blocks {
            let file = block["file"]?.stringValue ?? ""
            let text = try String(contentsOfFile: "\(out)/\(file)", encoding: .utf8)
            #expect(try JSONValue.manifests(text, file: file).first == block["body"], "\(file)")
            #expect(text.hasPrefix("# \(file) ("))
        }
    }

    @Test(
        "refuses what no configuration can be made of, with 64",
        arguments: [
            ([], "--mesh istio, solo or standin is missing"),
            (["--mesh", "standin", "--class", "x"], "--class x"),
            (["--mesh", "standin", "--budget-in", "configmap"], "--budget-in configmap"),
            (["--mesh", "istio", "--json", "--out", "x"], "exclude each other"),
            (["--mesh", "istio", "--budget", "maxUnavailable=0"], "every drain of a gateway's node is blocked"),
            (["--mesh", "istio", "--node-pools", "a=720h,b=30h,c=720h"], "a and c both expire after 720h"),
            (["--mesh", "istio", "--grace-period", "10s"], "kubelets renew their leases every 10s"),
            (
                ["--mesh", "istio", "--topology-key", "a", "--topology-key", "a"],
                "--topology-key: a key is given twice"
            ),
        ])
    func refused(arguments: [String], words: String) async throws {
        let result = try await manifests(arguments)
        #expect(result.exitCode == 64 && result.standardOutput.isEmpty)
        #expect(result.standardError.contains(words), "\(result.standardError)")
    }

    @Test("warns on standard error where standard output is JSON, and in comments where it is YAML")
    func warnings() async throws {
        let options = ["--mesh", "istio", "--replicas", "1"]
        let json = try await manifests(options + ["--json"])
        #expect(json.exitCode == 0 && json.standardError.hasPrefix("WARNING: --replicas 1: "))
        let yaml = try await manifests(options)
        #expect(yaml.standardError.isEmpty && yaml.standardOutput.hasPrefix("# WARNING: --replicas 1: "))
    }

    @Test("a cluster that cannot be reached ends with 69, and an unknown context with 64")
    func unreachable() async throws {
        let folder = try TemporaryDirectory()
        let context = Kubeconfig.Context(
            name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:1"), user: .init(name: "east"))
        let file = try folder.file("kc", Kubeconfig(contexts: [context], currentContext: "east").yaml())
        let result = try await manifests(["--for", "east", "--kubeconfig", file])
        #expect(result.exitCode == 69 && result.standardError.contains("east"), "\(result.standardError)")
        #expect(try await manifests(["--for", "west", "--kubeconfig", file]).exitCode == 64)
    }
}

extension OnEmbeddedClusters {
    /// For clusters with the stand-in.
    @Suite("peerquake manifests --for")
    struct ManifestsForTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("proposes what the cluster has, in parts that the cluster takes, and changes nothing")
        func proposes() async throws {
            let out = "\(pair.folder.path)/manifests"
            let kubectl = "kubectl --kubeconfig \(pair.kubeconfig) --context west"
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    set -e
                    $peerquake manifests --for west --kubeconfig \(pair.kubeconfig) --out \(out)
                    for file in gateway-budget istiod-budget; do \(kubectl) apply --dry-run=server -f \(out)/$file.yaml; done
                    \(kubectl) -n istio-eastwest patch deployment istio-eastwest --dry-run=server \\
                        --patch-file \(out)/gateway-deployment-patch.yaml
                    \(kubectl) -n istio-system patch deployment istiod --dry-run=server \\
                        --patch-file \(out)/istiod-deployment-patch.yaml
                    """, plan: "none")
                #expect(result.exitCode == 0, "\(result.standardError)")
            }
            let text = try String(contentsOfFile: "\(out)/gateway-deployment-patch.yaml", encoding: .utf8)
            #expect(text.contains("# Use: kubectl --context west -n istio-eastwest patch deployment istio-eastwest"))
            let patch = try #require(try JSONValue.manifests(text, file: "patch").first)
            #expect(patch[path: "spec.replicas"] == 2)
            // Three workers in three zones, so one is free.
            #expect(patch[path: "spec.strategy.rollingUpdate.maxSurge"] == 1)
            let rules = patch[path: "spec.template.spec.affinity.podAntiAffinity"]
            #expect(
                rules?[path: "preferredDuringSchedulingIgnoredDuringExecution.0.podAffinityTerm.topologyKey"]
                    == "topology.kubernetes.io/zone")
            #expect(patch[path: "spec.template.spec.containers.0.name"] == "gateway")
        }

        @Test("refuses more replicas than the cluster has nodes for, and takes its times for a grace period")
        func refuses() async throws {
            let options = "--for west --kubeconfig \(pair.kubeconfig)"
            let crowded = try await pair.shell("$peerquake manifests \(options) --replicas 4", plan: "none")
            #expect(crowded.exitCode == 64)
            #expect(crowded.standardError.contains("--replicas 4: west has room for 3"), "\(crowded.standardError)")
            let quick = try await pair.shell(
                "$peerquake manifests \(options) --peering NodePort | grep node-monitor-grace-period:", plan: "none")
            #expect(quick.standardOutput == "        node-monitor-grace-period: 4s\n")
        }
    }
}
