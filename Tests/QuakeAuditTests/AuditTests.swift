import Foundation
import QuakeKube
import Testing

@testable import QuakeAudit

@Suite("An audit")
struct AuditTests {
    // MARK: - Exit codes

    @Test("fails by the severity that it is to fail on, and by what it could not check")
    func exitCodes() throws {
        var world = try World("standin")
        world.remove(.budgets, "istio-eastwest")
        #expect(try world.report().exitCode == 0)
        #expect(try world.report(AuditPolicy(failOn: .warning)).exitCode == 1)
        world.hide(.autoscalers, in: "west")
        let report = try world.report()
        #expect(report.exitCode == 2)
        #expect(report.gaps.first?.rule.id == "gateway-single-replica")
        #expect(try world.report(AuditPolicy(allowsUnchecked: true)).exitCode == 0)
        world.move("gateway-2", to: "w1")
        #expect(try world.report().exitCode == 1)
    }

    @Test("reports findings that are ignored, and does not count them")
    func ignored() throws {
        var world = try World("standin")
        world.move("gateway-2", to: "w1")
        #expect(try world.report().exitCode == 1)
        let report = try world.report(AuditPolicy(ignored: ["gateway-pods-on-one-node": "one node is all there is"]))
        #expect(report.exitCode == 0)
        #expect(report.findings == [])
        #expect(report.ignored.map(\.reason) == ["one node is all there is"])
        #expect(report.ignored.map(\.finding.rule.id) == ["gateway-pods-on-one-node"])
    }

    @Test("lists findings worst first")
    func order() throws {
        var world = try World("standin")
        world.remove(.budgets, "istio-eastwest")
        world.pod(of: "istio-eastwest") { $0["containers"]?[0]?["lifecycle"] = nil }
        world.edit(.deployments, "istio-eastwest") { $0.set(1, at: "spec", "replicas") }
        let severities = try world.report().findings.map(\.rule.severity)
        #expect(severities == severities.sorted(by: >) && Set(severities).count == 3)
    }

    @Test("finds nothing but the lack of a gateway in an empty cluster")
    func empty() throws {
        let lists = Dictionary(
            uniqueKeysWithValues: AuditResource.allCases.map { ($0, ClusterSnapshot.Reading.items([])) })
        let snapshot = AuditSnapshot(
            taken: Date(timeIntervalSince1970: 0),
            clusters: [ClusterSnapshot(name: "east", version: "v1.33.0", lists: lists)])
        let report = try Auditor().report(on: snapshot)
        #expect(report.findings.map(\.rule.id) == ["gateway-missing"])
        #expect(report.clusters.map(\.mesh) == ["none"])
    }

    /// The stand-in's Gateway is of a class that Solo has.
    @Test("takes the stand-in for what it is, whatever class its Gateway is of, and also where its Deployment is gone")
    func standinGateway() throws {
        var world = try World("standin")
        for index in world.snapshot.clusters.indices {
            let label = JSONValue.string(world.snapshot.clusters[index].name)
            world.snapshot.clusters[index].lists[.gateways] = .items([
                [
                    "kind": "Gateway", "apiVersion": "gateway.networking.k8s.io/v1",
                    "metadata": [
                        "name": "istio-eastwest", "namespace": "istio-eastwest",
                        "labels": [
                            "app.kubernetes.io/managed-by": "peerquake", "topology.istio.io/cluster": label,
                        ],
                    ], "spec": ["gatewayClassName": "istio-eastwest"],
                ]
            ])
            world.snapshot.clusters[index].lists[.gatewayclasses] = .items([
                ["kind": "GatewayClass", "metadata": ["name": "istio-eastwest"]]
            ])
        }
        let whole = try world.report()
        #expect(whole.clusters.map(\.mesh) == ["standin", "standin"])
        #expect(whole.findings == [] && whole.gaps == [])
        world.remove(.deployments, "istio-eastwest")
        let gone = try world.report()
        #expect(gone.clusters.map(\.mesh) == ["standin", "standin"])
        #expect(gone.findings.map(\.rule.id) == ["gateway-missing"])
        // The same without the label is Solo's.
        world.edit(.gateways, in: "west") { $0.set(nil, at: "metadata", "labels", "app.kubernetes.io/managed-by") }
        #expect(try world.report().clusters.map(\.mesh) == ["standin", "solo"])
    }

    @Test("names the rule that may have been meant")
    func unknownRule() {
        #expect(throws: AuditError(.rule, "there is no rule \"budget-mising\"; did you mean budget-missing?")) {
            try RuleRegistry.standard.declaration(of: "budget-mising")
        }
    }

    // MARK: - Snapshots

    @Test("reads what it saved", arguments: ["standin", "istio", "solo"])
    func saved(mesh: String) throws {
        var snapshot = try World(mesh).snapshot
        snapshot.clusters[0].lists[.leases] = .notReadable("forbidden")
        let read = try AuditSnapshot(parsing: Array(snapshot.text.utf8), file: "x")
        #expect(read == snapshot)
        #expect(try Auditor().report(on: read) == Auditor().report(on: snapshot))
    }

    @Test(
        "refuses what cannot be read as a snapshot, with the place",
        arguments: [
            ("[]", "x: kind and apiVersion"), ("{", "x: "),
            (#"{"kind":"AuditSnapshot","apiVersion":"peerquake.dev/v1"}"#, "x: taken"),
            (
                #"{"kind":"AuditSnapshot","apiVersion":"peerquake.dev/v1","taken":"2026-11-29T18:00:00Z"}"#,
                "x: clusters: a list"
            ),
            (
                #"{"kind":"AuditSnapshot","apiVersion":"peerquake.dev/v1","taken":"2026-11-29T18:00:00Z","clusters":[{"name":"a","lists":{"things":{"items":[]}}}]}"#,
                "x: clusters.0"
            ),
        ])
    func refused(text: String, message: String) {
        let error = #expect(throws: AuditError.self) { try AuditSnapshot(parsing: Array(text.utf8), file: "x") }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test("keeps no environment, arguments, volumes or last applied manifests")
    func trimmed() throws {
        let pod: JSONValue = [
            "metadata": [
                "name": "p", "managedFields": [],
                "annotations": ["kubectl.kubernetes.io/last-applied-configuration": "secret", "kept": "yes"],
            ],
            "spec": [
                "nodeName": "n", "volumes": [["name": "secret"]],
                "containers": [
                    ["name": "c", "image": "i", "args": ["--token=secret"], "env": [["name": "T", "value": "secret"]]]
                ],
            ],
        ]
        let kept = Trimming.trimmed(pod, .pods)
        #expect(!kept.text().contains("secret") && kept.text().contains("\"kept\":\"yes\""))
        #expect(kept[path: "spec.nodeName"] == "n" && kept.kind == "Pod")
        let values: JSONValue = [
            "metadata": ["name": "values", "labels": ["operator.istio.io/component": "Pilot"]],
            "data": ["original-values": #"{"pilot":{"affinity":{"a":1},"env":{"T":"secret"}},"affinity":{}}"#],
        ]
        let data = Trimming.trimmed(values, .configmaps)
        #expect(data.at("data", "original-values") == #"{"affinity":{},"pilot":{"affinity":{"a":1}}}"#)
    }

    // MARK: - Fixes

    @Test("writes one file for each object, with what all findings want of it")
    func fixes() throws {
        var world = try World("istio")
        world.edit(.configmaps, "eastwest-defaults") { $0["data"]?["podDisruptionBudget"] = nil }
        world.remove(.budgets, "istio-eastwest")
        world.edit(.deployments, "istio-eastwest") { $0.set(1, at: "spec", "replicas") }
        world.pod(of: "istio-eastwest") { $0["terminationGracePeriodSeconds"] = 2 }
        let files = FixFile.all(of: try world.report())
        #expect(files.map(\.name) == ["west-configmap-istio-system-eastwest-defaults.yaml"])
        let text = files.first?.text ?? ""
        #expect(text.contains("# gateway-single-replica\n"))
        #expect(text.contains("# west: kubectl apply -f west-configmap-istio-system-eastwest-defaults.yaml\n"))
        let map = try #require(try JSONValue.manifests(text, file: "x").first)
        func key(_ name: String) throws -> JSONValue? {
            try JSONValue.manifests(map.at("data", name)?.stringValue ?? "", file: "x").first
        }
        #expect(try key("deployment")?[path: "spec.replicas"] == 2)
        #expect(try key("deployment")?[path: "spec.template.spec.terminationGracePeriodSeconds"] == 30)
        #expect(try key("podDisruptionBudget")?[path: "spec.maxUnavailable"] == 1)
    }

    @Test("gives fixes that are YAML, with the command that uses them", arguments: RuleCase.all)
    func fixReads(_ item: RuleCase) throws {
        var world = try World(item.mesh)
        item.change(&world)
        for file in FixFile.all(of: try world.report()) {
            let objects = try JSONValue.manifests(file.text, file: file.name)
            #expect(!objects.isEmpty, "\(file.name)")
            #expect(file.text.hasPrefix("# "))
        }
    }

    @Test("writes YAML that reads back as the same value")
    func yaml() throws {
        let values: [JSONValue] = [
            ["a": "1", "b": 1, "c": true, "d": "true", "e": .null, "f": "null", "g": "", "h": [], "i": [:]],
            ["x.y/z": [["name": "a", "list": [1, 2]], "text", [["deep"]], ["k": ["l": "m"]]]],
            [
                "block": "spec:\n  replicas: 2\n\n  a: b\n", "odd": " leading\n", "two": "a\nb", "colon": "a: b",
                "hash": "a #b",
            ],
            ["yes": "no", "date": "2026-11-29", "float": 1.5, "text": "1e3", "ümlaut": "\u{1F600}", "dash": "-"],
            [["a": 1, "b": ["c": 2]], ["d": []]],
        ]
        for value in values {
            #expect(try JSONValue.manifests(value.yamlText, file: "x") == [value], "\(value.yamlText)")
        }
    }

    // MARK: - Words

    @Test("is described by a page that is made of its rules")
    func page() throws {
        let root = World.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/audit.md"), encoding: .utf8)
        #expect(page == AuditReference.text(.standard), "peerquake-dev audit-reference >docs/audit.md")
    }

    @Test("gives each rule a practice, a reason and a remedy, in sentences")
    func declarations() {
        for rule in RuleRegistry.standard.declarations {
            for text in [rule.practice, rule.why, rule.remedy] { #expect(text.hasSuffix("."), "\(rule.id): \(text)") }
            #expect(!rule.practice.dropLast().contains(". "), "\(rule.id): one sentence")
            #expect(!rule.meshes.isEmpty && !rule.methods.isEmpty)
            let explained = RuleText.explanation(of: rule)
            #expect(explained.contains(rule.why) && explained.contains(rule.concerns))
            #expect(RuleText.list(.standard).contains(rule.id))
        }
    }
}
