import Testing

@testable import QuakeKindConfig

/// A configuration of v1alpha4; what is written after `name: c` on line 3 stands on line 4 and after.
func config(_ body: String) -> String {
    "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: c\n\(body)\n"
}

func read(_ text: String, for purpose: KindReading.Purpose = .embedded) -> KindReading {
    KindReading(text, file: "c.yaml", for: purpose)
}

/// Findings without their file: `4:7: kind refuses: …`.
func lines(_ findings: [KindFinding]) -> [String] { findings.map { String("\($0)".dropFirst("c.yaml:".count)) } }

/// The cluster of a configuration that nobody refuses.
func cluster(_ body: String, _ location: SourceLocation = #_sourceLocation) throws -> KindCluster {
    let reading = read(config(body))
    #expect(lines(reading.refusals).isEmpty, sourceLocation: location)
    return try #require(reading.cluster, sourceLocation: location)
}

extension KindCluster {
    /// The labels that a node has beside those that every one has.
    func ownLabels(_ name: String) -> [String: String]? {
        let node = nodes.first { $0.name == name }
        return node?.labels.filter { key, _ in
            !key.hasPrefix("kubernetes.io/") && !key.hasPrefix("beta.kubernetes.io/") && !key.hasPrefix("node-role.")
                && !key.hasPrefix("node.kubernetes.io/exclude")
        }
    }

    func taints(_ name: String) -> [String]? { nodes.first { $0.name == name }?.taints.map(\.description) }
}
