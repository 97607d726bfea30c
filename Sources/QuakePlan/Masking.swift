import QuakeBase
import QuakeYAML

/// Takes out of a file what must not be kept: the values of Secrets, wherever they lie in a manifest, and private keys.
enum Masking {
    static let mask = "(masked)"
    /// `kubectl apply` keeps a copy of the whole object there.
    private static let lastApplied = WellKnown.lastApplied

    /// A text without anything to hide is left as it is. A manifest with a Secret is written anew, for its comments may
    /// tell what its values no longer do.
    static func masked(_ text: String) -> String {
        let text = withoutKeys(text)
        guard text.contains("Secret") else { return text }
        guard let documents = try? YAML.parseAll(text, file: "") else { return mask }
        guard documents.contains(where: holdsSecret) else { return text }
        return documents.map { masked($0).json() + "\n" }.joined(separator: "---\n")
    }

    private static func isSecret(_ node: YAMLNode) -> Bool { node["kind"]?.scalar == "Secret" }

    private static func holdsSecret(_ node: YAMLNode) -> Bool {
        switch node.kind {
        case .scalar: false
        case .sequence(let elements): elements.contains(where: holdsSecret)
        case .mapping(let pairs): isSecret(node) || pairs.contains { holdsSecret($0.value) }
        }
    }

    private static func masked(_ node: YAMLNode) -> YAMLNode {
        var copy = node
        switch node.kind {
        case .scalar: break
        case .sequence(let elements): copy.kind = .sequence(elements.map(masked))
        case .mapping(let pairs):
            let isSecret = isSecret(node)
            copy.kind = .mapping(
                pairs.map { pair in
                    let key = pair.key.scalar ?? ""
                    let value =
                        isSecret && ["data", "stringData"].contains(key)
                        ? hidden(pair.value) : isSecret && key == "metadata" ? withoutCopy(pair.value) : pair.value
                    return YAMLPair(key: pair.key, value: masked(value))
                })
        }
        return copy
    }

    /// A mapping keeps its keys; whatever else stands there is hidden whole.
    private static func hidden(_ node: YAMLNode) -> YAMLNode {
        var copy = node
        let word = YAMLNode.Kind.scalar(YAMLScalar(mask, style: .doubleQuoted))
        if let pairs = node.mapping {
            copy.kind = .mapping(
                pairs.map { pair in
                    YAMLPair(
                        key: pair.key, value: YAMLNode(word, line: pair.value.line, column: pair.value.column))
                })
        } else {
            copy.kind = word
        }
        return copy
    }

    private static func withoutCopy(_ metadata: YAMLNode) -> YAMLNode {
        var copy = metadata
        guard let pairs = metadata.mapping else { return copy }
        copy.kind = .mapping(
            pairs.map { pair in
                guard pair.key.scalar == "annotations", let annotations = pair.value.mapping else { return pair }
                var kept = pair
                kept.value.kind = .mapping(annotations.filter { $0.key.scalar != lastApplied })
                return kept
            })
        return copy
    }

    /// PEM (RFC 7468) names what it holds at its begin and its end.
    private static func withoutKeys(_ text: String) -> String {
        guard text.contains("PRIVATE KEY-----") else { return text }
        var isInside = false
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let isMark = line.contains("PRIVATE KEY-----")
            if isMark {
                lines.append(line.contains("BEGIN ") ? "-----BEGIN PRIVATE KEY-----" : "-----END PRIVATE KEY-----")
                if line.contains("BEGIN ") { lines.append(mask[...]) }
                isInside = line.contains("BEGIN ")
            } else if !isInside {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
