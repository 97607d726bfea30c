/// One key of a mapping in a plan: what the decoder allows, the schema says and docs/plans.md shows of it.
package struct PlanKey: Sendable, Equatable {
    /// Whether it may be left out.
    package enum Need: Sendable, Equatable {
        case required
        /// `otherwise` is what holds without it: a default as a plan would write it, or words.
        case optional(otherwise: String)
    }

    package var name: String
    package var type: KeyType
    package var need: Need
    /// One sentence.
    package var help: String
    /// The key with a value, as a plan may have it.
    package var example: String

    /// - Parameter example: a value for the documents, where none follows from the type.
    package init(_ name: String, _ type: KeyType, _ need: Need, _ help: String, example: String? = nil) {
        self.name = name
        self.type = type
        self.need = need
        self.help = help
        self.example = "\(name): \(example ?? type.sample(otherThan: need))"
    }

    package var isRequired: Bool { need == .required }
}

/// Limits of a duration beside those of the format.
package struct DurationLimits: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Longer than 0.
    package static let positive = DurationLimits(rawValue: 1)
    /// As command-line flags and Kubernetes fields take them.
    package static let wholeSeconds = DurationLimits(rawValue: 2)

    fileprivate var words: String {
        let parts = [contains(.positive) ? "longer than 0" : nil, contains(.wholeSeconds) ? "whole seconds" : nil]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}

/// What may stand at a key.
package enum KeyType: Sendable, Equatable {
    case duration(DurationLimits)
    case number(ClosedRange<Int>)
    case flag
    case text
    /// Texts that differ from each other, at least one.
    case texts
    /// One of a closed list.
    case word([String])
    /// A manifest, relative to the plan's folder.
    case manifest
    case cluster
    /// A selector of nodes.
    case nodes
    /// The id of an earlier step.
    case stepReference
    /// A part of the mesh, or a workload of one of these kinds.
    case hosting(kinds: [String])
    /// What `wait-for` awaits.
    case nodeState, pods, endpoints, drainState
    /// Named by its own words, for keys whose schema stands elsewhere.
    case described(String, limits: String)

    /// In one or two words, as docs/plans.md names it.
    package var words: String {
        switch self {
        case .duration: "duration"
        case .number: "number"
        case .flag: "flag"
        case .text: "text"
        case .texts: "list of texts"
        case .word: "word"
        case .manifest: "file"
        case .cluster: "cluster"
        case .nodes: "node selector"
        case .stepReference: "step"
        case .hosting: "workload"
        case .nodeState, .drainState: "word"
        case .pods, .endpoints: "mapping"
        case .described(let words, _): words
        }
    }

    /// What a value must hold to beside its type; empty where that is all.
    package var limits: String {
        switch self {
        case .duration(let limits): limits.words
        case .number(let range): "from \(range.lowerBound) to \(range.upperBound)"
        case .word(let words): Self.list(words)
        case .nodeState: Self.list(Condition.NodeState.allCases.map(\.rawValue))
        case .drainState: Self.list(Condition.DrainState.allCases.map(\.rawValue))
        case .hosting(let kinds): "of kind \(Self.list(kinds))"
        case .texts: "at least one, each once"
        case .pods: "`hosting`, and `ready` or `pending` with a number"
        case .endpoints: "`hosting`, and `ready` with a number"
        case .described(_, let limits): limits
        case .flag, .text, .manifest, .cluster, .nodes, .stepReference: ""
        }
    }

    /// A value, for the documents: where the key has a default that is a value, another one.
    func sample(otherThan need: PlanKey.Need) -> String {
        let start = if case .optional(let words) = need { words } else { "" }
        func other(_ samples: [String]) -> String { samples.first { $0 != start } ?? start }
        switch self {
        case .duration: return other(["30s", "1m"])
        case .number(let range): return other([2, 3].map { "\(min(max($0, range.lowerBound), range.upperBound))" })
        case .flag: return other(["true", "false"])
        case .text: return "text"
        case .texts: return "[a, b]"
        case .word(let words): return other(words)
        case .manifest: return "manifests/gateway-pdb-one.yaml"
        case .cluster: return "west"
        case .nodes: return "{hosting: gateway, count: 1}"
        case .stepReference: return "earlier"
        case .hosting(let kinds): return kinds.contains("deployment") ? "gateway" : "demo/\(kinds.first ?? "")/echo"
        case .nodeState: return Condition.NodeState.notReady.rawValue
        case .pods, .endpoints: return "{hosting: gateway, ready: 2}"
        case .drainState: return Condition.DrainState.blocked.rawValue
        case .described(let words, _): return words
        }
    }

    private static func list(_ words: [String]) -> String {
        words.map { "`\($0)`" }.joined(separator: ", ")
    }
}
