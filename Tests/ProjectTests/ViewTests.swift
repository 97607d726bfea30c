import Foundation
import Testing

/// What Kubernetes and others call things is said once. Nodes and pods are read through their views.
@Suite("Labels and views", .timeLimit(.minutes(2)))
struct ViewTests {
    private static let wellKnown = "Sources/QuakeBase/WellKnown.swift"
    private static let views = "Sources/QuakeKube/Objects/"
    private static let domains = ["kubernetes.io/", "k8s.io/", "karpenter.sh/", "istio.io/"]

    /// A string that is a label, an annotation or a taint of theirs, or begins with one and `=`. Versions and kinds of
    /// an API look alike, and so does what a kubeconfig calls the extension of its credential plugins.
    private static func label(in line: some StringProtocol) -> Substring? {
        guard domains.contains(where: line.contains) else { return nil }
        let pattern =
            /"((?:[a-z0-9-]+\.)*(?:kubernetes\.io|k8s\.io|karpenter\.sh|istio\.io)\/(?!v[0-9])[a-z][A-Za-z0-9.\/-]*)["=]/
        return String(line).matches(of: pattern).map { Substring(String($0.output.1)) }
            .first { $0 != "client.authentication.k8s.io/exec" }
    }

    /// `path:line: text` of the lines of these folders that a check finds.
    ///
    /// - Parameter signs: a file without any of them is not looked at closer.
    private func lines(
        of folders: [String], except: (String) -> Bool, with signs: [String], where finds: (Substring) -> Bool
    ) throws -> [String] {
        try folders.flatMap { try Project.sources(in: $0) }.filter { !except($0) }.flatMap { path -> [String] in
            let text = try Project.text(path)
            guard signs.contains(where: { text.range(of: $0, options: .literal) != nil }) else { return [] }
            return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { finds($0.element) }.map { "\(path):\($0.offset + 1): \($0.element)" }
        }
    }

    @Test(
        "would be found",
        arguments: [
            #"labels: "kubernetes.io/service-name=\(service)""#, #"node.labels["karpenter.sh/nodepool"]"#,
            #"["gateway.networking.k8s.io/gateway-name": name]"#, #"case "topology.istio.io/cluster": 1"#,
        ])
    func found(line: String) { #expect(Self.label(in: line) != nil) }

    @Test(
        "are not taken for what looks like them",
        arguments: [
            #""apiVersion": "coordination.k8s.io/v1""#, #""networking.k8s.io/NetworkPolicy": Kind()"#,
            #"image: "registry.k8s.io/\(name)""#, #""kubernetes.io/hostname, os and arch""#,
            #"name == "client.authentication.k8s.io/exec""#, "/// `node.kubernetes.io/unreachable`",
        ])
    func spared(line: String) { #expect(Self.label(in: line) == nil) }

    @Test("are written in WellKnown alone")
    func labels() throws {
        let values = try Project.text(Self.wellKnown).matches(of: /= "([^"]+)"/).map { "\"\($0.output.1)" }
        #expect(values.count > 35 && Set(values).count == values.count)
        // The others are of the domains, and found for that.
        let plain = values.filter { Self.label(in: "\($0)\"") == nil }
        #expect(plain.contains("\"pod-template-hash"))
        let elsewhere = try lines(
            of: ["Sources"], except: { $0 == Self.wellKnown }, with: Self.domains + plain
        ) { line in
            Self.label(in: line) != nil || plain.contains { line.contains("\($0)\"") || line.contains("\($0)=") }
        }
        #expect(elsewhere.isEmpty, "\(elsewhere.joined(separator: "\n"))")
    }

    @Test("are what says whether a node or a pod is Ready")
    func readiness() throws {
        let word = "condition(" + #""Ready")"#
        let elsewhere = try lines(of: ["Sources", "Tests"], except: { $0.hasPrefix(Self.views) }, with: [word]) {
            $0.contains(word)
        }
        #expect(elsewhere.isEmpty, "\(elsewhere.joined(separator: "\n"))")
    }

    /// The validation of the embedded API server checks what a client wrote, field by field.
    @Test("are how fields of Nodes, Pods, Leases and Services are read")
    func fields() throws {
        let fields = [
            "spec.nodeName", "spec.unschedulable", "spec.taints", "status.nodeInfo", "status.podIP", "spec.ports",
            "spec.holderIdentity", "spec.renewTime", "spec.leaseDurationSeconds", "spec.clusterIP",
            "spec.externalTrafficPolicy", "spec.healthCheckNodePort", "conditions.ready",
        ].map { "[path: \"\($0)" }
        let elsewhere = try lines(
            of: ["Sources"],
            except: { $0.hasPrefix(Self.views) || $0.hasPrefix("Sources/QuakeEmbedded/Validation/") }, with: fields
        ) { line in fields.contains { line.contains($0) } }
        #expect(elsewhere.isEmpty, "\(elsewhere.joined(separator: "\n"))")
    }
}
