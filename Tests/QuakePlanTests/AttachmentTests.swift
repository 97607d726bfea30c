import QuakePlan
import QuakePlanFiles
import QuakeTestSupport
import QuakeYAML
import Testing

@Suite("Files that a plan names")
struct AttachmentTests {
    private static let manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: a, namespace: shop}
        """

    private static func plan(_ file: String) -> String {
        PlanText.minimal(steps: ["apply: {cluster: west, file: \(file)}"], "vars: {size: two}")
    }

    private func problems(_ manifest: String, _ keys: String = "") -> [String] {
        do {
            let files = Attachments(["m.yaml": .text(manifest)])
            _ = try Plan.parse(Self.plan("m.yaml\(keys)"), path: "Plans/t.yaml", attachments: files)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test("are found with variables put in, though the plan has problems")
    func names() {
        #expect(Plan.fileNames(in: Self.plan("\"m-${size}.yaml\""), path: "t.yaml") == ["m-two.yaml"])
        let broken = Self.plan("m.yaml").replacing("cluster: west", with: "cluster: nowhere")
        #expect(Plan.fileNames(in: broken, path: "t.yaml") == ["m.yaml"])
        #expect(Plan.fileNames(in: "{", path: "t.yaml").isEmpty)
        let set = PlanOptions(set: [(name: "size", values: ["one", "three"])])
        let varying = Plan.fileNames(in: Self.plan("\"m-${size}.yaml\""), path: "t.yaml", options: set)
        #expect(varying == ["m-two.yaml", "m-one.yaml", "m-three.yaml"])
    }

    @Test("come with the plan, and no file is opened for it")
    func pure() throws {
        let files = Attachments(["m.yaml": .text(Self.manifest), "other": .text("x")])
        let plan = try Plan.parse(Self.plan("m.yaml"), path: "/nowhere/t.yaml", attachments: files)
        #expect(plan.attachments == Attachments(["m.yaml": .text(Self.manifest)]))
        let error = #expect(throws: PlanError.self) { try Plan.parse(Self.plan("m.yaml"), path: "/nowhere/t.yaml") }
        #expect(error?.description.contains("file: \"m.yaml\" does not exist (/nowhere/m.yaml)") == true)
    }

    @Test("say why they cannot be read, at their place in the plan")
    func unreadable() throws {
        let folder = try TemporaryDirectory()
        for (file, why) in [
            (".", "is a directory"), ("absent.yaml", "does not exist"), ("/dev/zero", "is a device, not a file"),
        ] {
            let path = try folder.file("t.yaml", Self.plan(file))
            let error = #expect(throws: PlanError.self) { try Plan.load(path: path) }
            let problem = try #require(error?.problems.first)
            #expect(error?.problems.count == 1 && problem.position != nil && problem.file == path)
            #expect(problem.message.contains(why), "\(problem)")
        }
    }

    @Test(
        "are parsed where they are manifests, each problem at its place in them",
        arguments: [
            ("a: [", "Plans/m.yaml:2:1: did not find"),
            ("# nothing\n", "Plans/m.yaml:1:1: the manifest holds no object"),
            ("- a\n", "Plans/m.yaml:1:1: an object is expected, and this is a sequence"),
            ("kind: ConfigMap\nmetadata: {name: a}\n", "Plans/m.yaml:1:1: \"apiVersion\" is missing"),
            ("apiVersion: v1\nmetadata: {name: a}\n", "Plans/m.yaml:1:1: \"kind\" is missing"),
            ("apiVersion: v1\nkind: [a]\nmetadata: {name: a}\n", "Plans/m.yaml:2:7: kind: a single value is expected"),
            ("apiVersion: v1\nkind: Pod\n", "Plans/m.yaml:1:1: \"metadata.name\" is missing"),
            ("apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n", "Plans/m.yaml:4:17: metadata.generateName"),
            (
                "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Pod}\n",
                "Plans/m.yaml:4:5: \"metadata.name\" is missing"
            ),
            ("apiVersion: v1\nkind: List\n", "Plans/m.yaml:1:1: items: a List has a list of objects there"),
        ])
    func manifests(text: String, problem: String) {
        let found = problems(text)
        #expect(found.count == 1 && found[0].hasPrefix(problem), "\(found)")
        // A second document has its own place.
        let second = problems(Self.manifest + "\n---\n" + text)
        if text.hasPrefix("#") { #expect(second == []) } else { #expect(second.count == 1 && second != found) }
    }

    @Test("may hold what takes other objects along only where the step says that it owns them")
    func owned() {
        let text = """
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
              - {apiVersion: karpenter.example.com/v1, kind: Namespace, metadata: {name: no-namespace}}
            ---
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: things.example.com}
            """
        let found = problems(text)
        #expect(found.count == 2)
        #expect(found.first?.hasPrefix("Plans/m.yaml:4:5: Namespace \"shop\": its removal") == true, "\(found)")
        #expect(found.last?.hasPrefix("Plans/m.yaml:7:1: CustomResourceDefinition \"things.example.com\"") == true)
        #expect(found.allSatisfy { $0.contains("say \"ownsNamespace: true\" in the step") })
        #expect(problems(text, ", ownsNamespace: true").isEmpty)
        #expect(problems(text, ", ownsNamespace: false").count == 2)
    }

    @Test("are taken apart where they are lists of one kind, and forced only server-side")
    func lists() {
        let text = "apiVersion: v1\nkind: ConfigMapList\nitems:\n  - \(Self.manifest.replacing("\n", with: "\n    "))\n"
        #expect(problems(text).isEmpty)
        #expect(problems(Self.manifest, ", serverSide: true, forceConflicts: true").isEmpty)
        let found = problems(Self.manifest, ", forceConflicts: true")
        #expect(found.count == 1 && found[0].contains("forceConflicts: only server-side apply knows conflicts"))
    }

    @Test("do not keep an archived plan from being read, be they hidden, unknown or refused today")
    func archived() throws {
        let text = Self.plan("m.yaml")
        for files in [.unknown, Attachments(), Attachments(["m.yaml": .text("kind: Pod")])] {
            let plan = try Plan.archived(text, path: "t.yaml", options: PlanOptions(), attachments: files)
            #expect(plan.cells.first?.steps.map(\.id) == ["apply-1"])
        }
        #expect(throws: PlanError.self) {
            try Plan.archived("a: [", path: "t.yaml", options: PlanOptions(), attachments: .unknown)
        }
    }
}

@Suite("What an archive keeps of files")
struct MaskingTests {
    private func masked(_ text: String) -> String? { Attachments(["f": .text(text)]).masked["f"] }

    @Test(
        "is all of them, where there is nothing to hide", arguments: ["a: b # c\n", "kind: ConfigMap\nx: Secret\n", ""])
    func whole(text: String) { #expect(masked(text) == text) }

    @Test("is nothing of a Secret's values, in any place of a manifest")
    func secrets() throws {
        let secret = """
            apiVersion: v1
            kind: Secret # hunter0
            metadata:
              name: s
              annotations:
                kept: "1"
                kubectl.kubernetes.io/last-applied-configuration: '{"stringData": {"a": "hunter1"}}'
            data: {a: hunter2, b: hunter3}
            stringData: {c: "hunter4", d: |
                hunter5
              }
            type: Opaque
            """
        let nested = secret.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        let list = "apiVersion: v1\nkind: List\nitems:\n  -\n\(nested)\n"
        for text in [secret, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\n\(secret)", list] {
            let text = text.replacing("stringData: {c: \"hunter4\", d: |", with: "stringData: {c: \"hunter4\", d: \"")
                .replacing("hunter5", with: "hunter5\"")
            let kept = try #require(masked(text))
            #expect(!kept.contains("hunter"), "\(kept)")
            #expect(kept.contains("\"a\": \"(masked)\"") && kept.contains("\"kept\": \"1\"") && kept.contains("Opaque"))
            // It is a manifest still, with the same objects.
            let (before, after) = (try YAML.parseAll(text, file: ""), try YAML.parseAll(kept, file: ""))
            #expect(before.map { $0["kind"]?.scalar } == after.map { $0["kind"]?.scalar })
        }
        #expect(masked("kind: Secret\nstringData: [hunter2") == "(masked)")
        #expect(masked("kind: Secret\nstringData: hunter2") == "{\"kind\": \"Secret\", \"stringData\": \"(masked)\"}\n")
    }

    @Test("is nothing of a private key")
    func keys() {
        let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        let key = "-----BEGIN EC PRIVATE KEY-----\nhunter2\nhunter3\n-----END EC PRIVATE KEY-----\n"
        #expect(masked(pem) == pem)
        let kept = masked(pem + key + pem)
        #expect(kept?.contains("hunter") == false && kept?.contains("MIIB") == true)
    }

    @Test(
        "reads back as the same values",
        arguments: ["3", "\"3\"", "1.5", "true", "\"true\"", "~", "\"a\\\"\\\\\\n\\u2028é\"", "x: [1, {}]"])
    func json(text: String) throws {
        let node = try YAML.parse(text, file: "")
        let again = try YAML.parse(node.json(), file: "")
        #expect(again.json() == node.json() && again.isNull == node.isNull && again.intValue == node.intValue)
        #expect(again.scalar == node.scalar || node.isNull)
    }
}
