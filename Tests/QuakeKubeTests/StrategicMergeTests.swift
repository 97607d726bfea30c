import QuakeKube
import Testing

@Suite("Strategic merge patches")
struct StrategicMergeTests {
    private static func object(_ yaml: String) throws -> JSONValue {
        try #require(try JSONValue.manifests(yaml, file: "object").first)
    }

    private static let old = """
        metadata: {labels: {app: gateway, tier: edge}}
        spec:
          replicas: 2
          paused: true
          tolerations: [{key: a}]
          containers:
            - {name: gateway, image: one, env: [{name: A, value: "1"}, {name: B, value: "2"}]}
            - {name: sidecar, image: x}
        """

    @Test(
        "lead from one object to the other, and leave what neither has",
        arguments: [
            old, "{}", "spec: {replicas: 3}", "spec: {tolerations: []}",
            "spec: {containers: [{name: gateway, image: two, env: [{name: B, value: x}, {name: C, value: y}]}]}",
            "spec: {containers: [{name: sidecar, image: x, ports: [{containerPort: 80}]}, {name: other}]}",
            "metadata: {labels: {app: gateway}}\nspec: {affinity: {nodeAffinity: {}}}",
        ])
    func difference(new: String) throws {
        let (old, new) = (try Self.object(Self.old), try Self.object(new))
        let patch = StrategicMerge.patch(from: old, to: new)
        #expect((patch == nil) == (old == new))
        #expect(try StrategicMerge.apply(patch ?? [:], to: old) == new, "\(patch?.text() ?? "none")")
        var live = old
        live.set("kept", at: "metadata", "annotations", "foreign")
        #expect(
            try StrategicMerge.apply(patch ?? [:], to: live).at("metadata", "annotations", "foreign")
                == (new["metadata"] == nil ? nil : "kept"))
    }

    @Test("refuse an element of a keyed list without its key")
    func keyless() throws {
        let patch = try Self.object("spec: {containers: [{image: x}]}")
        let error = #expect(throws: MissingMergeKey.self) { try StrategicMerge.apply(patch, to: [:]) }
        #expect(error?.words.contains("does not contain declared merge key: name") == true)
    }
}
