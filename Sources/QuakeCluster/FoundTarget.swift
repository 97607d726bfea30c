import QuakeBase
package import QuakeKube

/// A target that a step finds cordoned or tainted by others: what comes of it may be theirs.
package struct FoundTarget: Sendable, Equatable {
    package var name: String
    package var isCordoned: Bool
    /// Keys, each once and in the Node's order, without those of control planes.
    package var taintKeys: [String]

    /// `nil` for one that is neither.
    ///
    /// - Parameter own: what the run has done to the cluster and not undone: it is not found, but made.
    package init?(_ node: JSONValue, own: [Inverse] = []) {
        let node = NodeView(node)
        var (isCordonOurs, expected) = (false, Self.expected)
        for inverse in own {
            switch inverse {
            case .uncordon(node.name, node.uid): isCordonOurs = true
            case .restoreNode(node.name, _), .renewNode(node.name, _, _, _):
                expected.formUnion([WellKnown.notReady, WellKnown.unreachable, WellKnown.disrupted])
            default: break
            }
        }
        name = node.name
        isCordoned = node.isCordoned && !isCordonOurs
        taintKeys = node.taintKeys.reduce(into: []) { keys, key in
            if !expected.contains(key), !keys.contains(key) { keys.append(key) }
        }
        guard isCordoned || !taintKeys.isEmpty else { return nil }
    }

    /// A control plane's, and the one that only repeats a cordon.
    private static let expected: Set<String> = [
        WellKnown.controlPlaneRole, WellKnown.oldControlPlaneRole, WellKnown.unschedulable,
    ]

    /// `west-worker (cordoned, tainted dedicated, gpu)`.
    package var words: String {
        let taints = taintKeys.isEmpty ? [] : ["tainted \(taintKeys.joined(separator: ", "))"]
        return "\(name) (\(((isCordoned ? ["cordoned"] : []) + taints).joined(separator: ", ")))"
    }

    /// Those of the nodes that are cordoned or tainted, in their order; `nil` where none is.
    package static func words(of nodes: [JSONValue], own: [Inverse] = []) -> String? {
        let found = nodes.compactMap { FoundTarget($0, own: own)?.words }
        return found.isEmpty ? nil : found.joined(separator: "; ")
    }
}
