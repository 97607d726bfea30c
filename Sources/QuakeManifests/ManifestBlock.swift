package import QuakeKube

/// One part of a configuration: a file with the reason why it is there.
package struct ManifestBlock: Sendable, Equatable {
    /// What the YAML is.
    package enum Kind: String, Sendable, CaseIterable {
        case configMap = "ConfigMap"
        case podDisruptionBudget = "PodDisruptionBudget"
        case nodePool = "NodePool"
        /// Of the chart istiod.
        case helmValues = "Helm values"
        /// Of one object: `kubectl patch --patch-file`.
        case patch = "patch"
        /// A kind configuration with a patch of kubeadm's.
        case kubeadmPatch = "kubeadm patch"

        /// Whether it is a whole object that an API server takes.
        package var isObject: Bool {
            switch self {
            case .configMap, .podDisruptionBudget, .nodePool: true
            case .helmValues, .patch, .kubeadmPatch: false
            }
        }
    }

    package var kind: Kind
    /// Its name, unique within a configuration.
    package var file: String
    /// How it is used: a command line, or a sentence.
    package var usage: String
    /// Sentences, the most important one first. Not empty.
    package var reasons: [String]
    package var body: JSONValue

    /// Comments, then YAML.
    package var text: String {
        let lines = ["\(file) (\(kind.rawValue))", "Use: \(usage)"] + reasons
        return lines.flatMap { Self.comment($0) }.joined(separator: "\n") + "\n" + body.yamlText
    }

    /// A sentence as comments of at most 100 columns; a command line stays whole.
    static func comment(_ sentence: String) -> [String] {
        if sentence.hasPrefix("Use: ") { return ["# \(sentence)"] }
        var lines = ["#"]
        for word in sentence.split(separator: " ") {
            if lines[lines.count - 1].count + word.count + 1 > 100 { lines.append("#") }
            lines[lines.count - 1] += " \(word)"
        }
        return lines
    }

    /// For `--json`.
    var json: JSONValue {
        [
            "kind": .string(kind.rawValue), "file": .string(file), "usage": .string(usage),
            "reasons": .array(reasons.map { .string($0) }), "body": body,
        ]
    }
}
