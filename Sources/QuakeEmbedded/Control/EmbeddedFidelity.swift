package import QuakeKube

/// What an embedded cluster was asked to do and leaves out, asked over its control API.
package struct EmbeddedFidelity: Sendable {
    private let kube: KubeClient

    package init(_ kube: KubeClient) { self.kube = kube }

    /// Objects with their fields whose effect is not modelled: `Deployment shop/web: spec.template.spec.initContainers`.
    package func notModelled() async throws -> [String] {
        let answer = try await kube.raw("GET", "/peerquake.dev/v1/not-modelled")
        return (try JSONValue(parsing: answer.body)["items"]?.arrayValue ?? []).map { item in
            let space = item["namespace"]?.stringValue ?? ""
            let name = item["name"]?.stringValue ?? ""
            let fields = (item["fields"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
            return "\(item["kind"]?.stringValue ?? "") \(space.isEmpty ? name : "\(space)/\(name)"): \(fields)"
        }
    }
}
