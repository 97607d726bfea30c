extension JSONValue {
    /// Whether this object's `spec.selector`-like value selects labels: every one of `matchLabels` and
    /// `matchExpressions` holds. An empty selector selects everything; `null` nothing, as a policy/v1
    /// PodDisruptionBudget's does.
    package func selects(_ labels: [String: String]) -> Bool {
        guard case .object = self else { return false }
        let isEqual = (self["matchLabels"]?.stringMembers ?? [:]).allSatisfy { labels[$0.key] == $0.value }
        return isEqual && (self["matchExpressions"]?.arrayValue ?? []).allSatisfy { $0.holds(for: labels) }
    }

    private func holds(for labels: [String: String]) -> Bool {
        let value = self["key"]?.stringValue.flatMap { labels[$0] }
        let values = self["values"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return switch self["operator"]?.stringValue {
        case "In": value.map(values.contains) ?? false
        case "NotIn": !(value.map(values.contains) ?? false)
        case "Exists": value != nil
        case "DoesNotExist": value == nil
        default: false
        }
    }
}
