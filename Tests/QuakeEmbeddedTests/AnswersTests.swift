import Foundation
import QuakeKube
import QuakeYAML
import Testing

@testable import QuakeEmbedded

/// The same requests to an embedded cluster and, recorded by `scripts/record-answers`, to a real API server.
@Suite("Answers of the API, compared with a real API server's", .timeLimit(.minutes(3)))
struct AnswersTests {
    static let kinds = [
        "pods", "deployments", "daemonsets", "services", "budgets", "nodes", "nodepools", "patches", "evictions",
        "others",
    ]
    private static let types = [
        "merge": "application/merge-patch+json", "strategic": "application/strategic-merge-patch+json",
        "json": "application/json-patch+json",
    ]

    private static func folder() throws -> URL {
        try #require(Bundle.module.url(forResource: "answers", withExtension: nil, subdirectory: "Fixtures"))
    }

    @Test("agree in code, reason, causes, message and warnings", arguments: kinds)
    func agree(kind: String) async throws {
        let folder = try Self.folder()
        let api = try await InProcessAPI(name: "fidelity")
        try await api.post("/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: fidelity}}")
        let definition = try String(contentsOf: folder.appending(path: "nodepools.crd.yaml"), encoding: .utf8)
        let made = try await api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        #expect(made.code == 201, "\(made.message)")
        let text = try String(contentsOf: folder.appending(path: "\(kind).yaml"), encoding: .utf8)
        let recorded = try JSONValue(parsing: Data(contentsOf: folder.appending(path: "\(kind).json")))
        let cases = try #require(try YAML.parse(text, file: "\(kind).yaml").sequence)
        #expect(cases.count >= 6)
        for item in cases {
            let name = item["case"]?.scalar ?? ""
            var wanted = (recorded["answers"]?[name]?.arrayValue ?? [])[...]
            for step in item["steps"]?.sequence ?? [] {
                guard let answer = try await Self.run(step, api) else { continue }
                let next = wanted.popFirst()
                let expected = try #require(next, "\(name): nothing recorded")
                Self.compare(
                    answer, expected, messages: kind != "further", "\(kind): \(name): \(step.json.prefix(300))")
            }
            #expect(wanted.isEmpty, "\(name): more was recorded")
        }
        await api.stop()
    }

    private static func run(_ step: YAMLNode, _ api: InProcessAPI) async throws -> InProcessAPI.Answer? {
        if let path = step["wait"]?.scalar, let field = step["field"]?.scalar, let value = step["value"] {
            try await api.eventually("\(path): \(field)") {
                dig(await api.get(path), field) == JSONValue(yaml: value)
            }
            return nil
        }
        let methods = ["get", "post", "put", "patch", "delete"]
        let method = try #require(methods.first { step[$0] != nil })
        let body = step["text"]?.scalar ?? step["body"]?.json ?? ""
        let type = step["type"]?.scalar.map { types[$0] ?? $0 } ?? "application/json"
        return await api.call(method.uppercased(), step[method]?.scalar ?? "", Array(body.utf8), type: type)
    }

    private static func dig(_ value: JSONValue, _ path: String) -> JSONValue? {
        path.split(separator: ".").reduce(value) { found, part in
            Int(part).flatMap { found?[$0] } ?? found?[String(part)]
        }
    }

    private static func compare(
        _ answer: InProcessAPI.Answer, _ expected: JSONValue, messages: Bool, _ comment: String
    ) {
        #expect(answer.code == expected["code"]?.intValue, "\(comment): \(answer.message)")
        if answer.code >= 300 { #expect(answer.reason == expected["reason"]?.stringValue, "\(comment)") }
        let causes = (expected["causes"]?.arrayValue ?? []).map { cause -> String in
            "\(cause["field"]?.stringValue ?? "") \(cause["reason"]?.stringValue ?? "")"
        }
        #expect(answer.causes.sorted() == causes.sorted(), "\(comment): \(answer.message)")
        let warnings = (expected["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
        let told = answer.warnings.filter { !$0.hasPrefix("not modelled") }
            .map { "299 - \(JSONValue.string($0).text())" }
        #expect(told.sorted() == warnings.sorted(), "\(comment)")
        if messages, let message = expected["message"]?.stringValue { compare(answer.message, message, comment) }
    }

    /// The server prints its structs in Go's order, and a pod's change as a diff of them: those are not imitated.
    private static func compare(_ message: String, _ expected: String, _ comment: String) {
        guard !expected.contains("{\""), !expected.contains("Type") else { return }
        func plain(_ text: String) -> [String] {
            let line = text.split(separator: "\n").first.map(String.init) ?? ""
            return line.replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+/, with: "UID")
                .replacing("map[image:y]", with: "MAP").replacing("{\"image\":\"y\"}", with: "MAP")
                .replacing("is invalid: ", with: "is invalid, ").split(separator: ", ")
                .map { $0.trimmingCharacters(in: ["[", "]"]) }.sorted()
        }
        #expect(plain(message) == plain(expected), "\(comment)")
    }
}
