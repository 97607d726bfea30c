import Foundation
import FoundationXML
import QuakeAudit
import QuakeKube
import QuakeTestSupport
import Testing

/// `audit` on saved snapshots, from end to end.
@Suite("Auditing snapshots")
struct AuditCommandTests {
    private static let fixtures = BuiltCommand.root.appending(path: "Tests/QuakeAuditTests/Fixtures")

    private func audit(_ arguments: [String]) async throws -> CommandResult {
        var environment = Command.inheritedEnvironment
        environment["GITHUB_STEP_SUMMARY"] = nil
        return try await Command([BuiltCommand.path(), "audit"] + arguments, environment: environment)
            .run(timeout: .seconds(60))
    }

    /// The stand-in's pair, with a gateway that has one replica and budgets that may not be read.
    private func broken(_ folder: TemporaryDirectory) throws -> String {
        let file = Self.fixtures.appending(path: "standin.json")
        var snapshot = try AuditSnapshot(parsing: Array(Data(contentsOf: file)), file: "standin.json")
        snapshot.clusters[0].lists[.budgets] = .notReadable("forbidden")
        if case .items(var items)? = snapshot.clusters[1].lists[.deployments] {
            for index in items.indices where items[index].name == "istio-eastwest" {
                items[index].set(1, at: "spec", "replicas")
            }
            snapshot.clusters[1].lists[.deployments] = .items(items)
        }
        return try folder.file("broken.json", snapshot.text)
    }

    @Test("passes a pair that keeps to every practice", arguments: ["standin", "istio", "solo"])
    func good(mesh: String) async throws {
        let result = try await audit(["--from", Self.fixtures.appending(path: "\(mesh).json").path])
        #expect(result.exitCode == 0, "\(result.standardError)\(result.standardOutput)")
        #expect(result.standardOutput.hasPrefix("PASS  audit: 0 errors, 0 warnings, 0 notes; "))
    }

    @Test("names what is wrong, with evidence and fixes, in each format")
    func bad() async throws {
        let folder = try TemporaryDirectory()
        let snapshot = try broken(folder)
        let files = ["markdown", "junit", "json"]
        let result = try await audit(
            ["--from", snapshot, "--fix-dir", "\(folder.path)/fixes"]
                + files.flatMap { ["--\($0)", "\(folder.path)/out.\($0)"] })
        #expect(result.exitCode == 1, "\(result.standardError)")
        #expect(result.standardOutput.hasPrefix("FAIL  audit: 1 error, 0 warnings, 0 notes; "))
        #expect(result.standardOutput.contains("error    west  gateway-single-replica"))
        #expect(result.standardOutput.contains("- Deployment istio-eastwest/istio-eastwest: spec.replicas = 1"))
        #expect(result.standardOutput.contains("east: poddisruptionbudgets are not readable: forbidden"))
        for line in result.standardOutput.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }

        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
        }
        let json = try JSONValue(parsing: text("out.json"))
        #expect(json["exitCode"] == 1)
        #expect(json[path: "findings.0.rule"] == "gateway-single-replica")
        #expect(json[path: "findings.0.fix.yaml"]?.stringValue == "spec:\n  replicas: 2\n")
        let markdown = try text("out.markdown")
        #expect(markdown.contains("| **error** | west | `gateway-single-replica` |"))
        let junit = try text("out.junit")
        #expect(XMLParser(data: Data(junit.utf8)).parse())
        #expect(junit.contains("failures=\"1\"") && junit.contains("<skipped message=\"not checked: "))
        let fix = try text("fixes/west-deployment-istio-eastwest-istio-eastwest.yaml")
        #expect(fix.hasSuffix("spec:\n  replicas: 2\n"))
    }

    @Test("exits with 2 where an error was not checked, unless that is allowed, and with 0 where it is ignored")
    func codes() async throws {
        let folder = try TemporaryDirectory()
        let snapshot = try broken(folder)
        let ignore = ["--from", snapshot, "--ignore", "gateway-single-replica=only a test"]
        let unchecked = try await audit(ignore)
        #expect(unchecked.exitCode == 2)
        #expect(unchecked.standardOutput.hasPrefix("NOT CHECKED  audit: "))
        #expect(unchecked.standardOutput.contains("Reason: only a test"))
        #expect(try await audit(ignore + ["--allow-unchecked"]).exitCode == 0)
        let other = try await audit(["--from", snapshot, "--ignore", "gateway-single-replic=x"])
        #expect(other.exitCode == 64 && other.standardError.contains("did you mean gateway-single-replica?"))
    }

    @Test("lists and explains rules without a cluster")
    func words() async throws {
        let list = try await audit(["--list-rules"])
        #expect(list.exitCode == 0)
        for rule in RuleRegistry.standard.declarations { #expect(list.standardOutput.contains("  \(rule.id) ")) }
        let explained = try await audit(["--explain", "istiod-with-gateway"])
        #expect(explained.exitCode == 0)
        #expect(explained.standardOutput.hasPrefix("istiod-with-gateway (error, istiod)\n"))
    }
}

extension OnEmbeddedClusters {
    /// `audit` of running clusters.
    @Suite("Audits")
    struct AuditTests {
        /// What is missing in the stand-in as it is installed: neither a budget nor a rule for its three zones.
        private static let expected: Set<String> = ["budget-missing", "gateway-no-zone-spread"]

        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private func audit(_ arguments: [String]) async throws -> (CommandResult, JSONValue) {
            let out = "\(pair.folder.path)/\(UUID().uuidString).json"
            let result = try await Command([BuiltCommand.path(), "audit", "--json", out] + arguments)
                .run(timeout: .seconds(60))
            return (result, try JSONValue(parsing: String(contentsOfFile: out, encoding: .utf8)))
        }

        private static func rules(_ json: JSONValue) -> Set<String> {
            Set((json["findings"]?.arrayValue ?? []).compactMap { $0["rule"]?.stringValue })
        }

        @Test("find in the stand-in what it lacks, change nothing, and find the same in what they saved")
        func standin() async throws {
            try await pair.unchanged {
                let saved = "\(pair.folder.path)/snapshot.json"
                let (result, json) = try await audit(["--kubeconfig", pair.kubeconfig, "--reach", "--save", saved])
                #expect(result.exitCode == 0, "\(result.standardError)\(result.standardOutput)")
                #expect(Self.rules(json) == Self.expected, "\(result.standardOutput)")
                #expect(json[path: "clusters.0.mesh"] == "standin")
                let gaps = (json["checks"]?.arrayValue ?? []).filter { $0["outcome"] == "not checked" }
                #expect(gaps.isEmpty, "\(gaps)")
                let snapshot = try AuditSnapshot(
                    parsing: Array(Data(contentsOf: URL(filePath: saved))), file: "snapshot.json")
                for cluster in snapshot.clusters {
                    // Two gateways on two nodes, whose kube-proxies answer on loopback.
                    #expect(cluster.reach?.count == 2 && cluster.reach?.values.allSatisfy { $0 == "connected" } == true)
                }
                let (_, again) = try await audit(["--from", saved])
                #expect(again["findings"] == json["findings"] && again["checks"] == json["checks"])
            }
        }

        @Test("see a cordoned node and a budget that blocks, and that fixes from an audit mend them")
        func broken() async throws {
            let kube = try pair.kube("west")
            let pods = try await kube.list(.pods("istio-eastwest")).items
            let node = try #require(pods.first.flatMap { PodView($0).node })
            try await kube.patch(.node(node), ["spec": ["unschedulable": true]])
            let budget = ResourcePath.podDisruptionBudget("istio-eastwest", "all")
            try await kube.create(
                [
                    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                    "metadata": ["name": "all", "namespace": "istio-eastwest"],
                    "spec": ["minAvailable": "100%", "selector": ["matchLabels": ["app": "istio-eastwest"]]],
                ], at: budget)
            let fixes = "\(pair.folder.path)/fixes"
            let (result, json) = try await audit([
                "--cluster", "west=west", "--kubeconfig", pair.kubeconfig, "--fix-dir", fixes,
            ])
            #expect(result.exitCode == 1)
            #expect(Self.rules(json).isSuperset(of: ["gateway-on-cordoned-node", "budget-blocks-every-drain"]))
            let script = """
                cd \(fixes)
                export KUBECONFIG=\(pair.kubeconfig)
                kubectl --context west patch node \(node) --patch-file west-node-\(node).yaml
                kubectl --context west patch pdb -n istio-eastwest all --patch-file west-pdb-istio-eastwest-all.yaml
                """
            let mended = try await Command(["bash", "-ec", script]).run(timeout: .seconds(60))
            #expect(mended.succeeded, "\(mended.standardError)")
            let (_, after) = try await audit(["--cluster", "west=west", "--kubeconfig", pair.kubeconfig])
            #expect(Self.rules(after).isDisjoint(with: ["gateway-on-cordoned-node", "budget-blocks-every-drain"]))
            try await kube.delete(budget)
        }
    }
}
