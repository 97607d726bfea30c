package import QuakeKube
package import QuakeSim

extension LabelSelector {
    /// An object's `selector` field: `matchLabels` and `matchExpressions`.
    package init(json: JSONValue?) {
        var requirements = LabelSelector(matchLabels: json?["matchLabels"]?.stringMembers ?? [:]).requirements
        for expression in json?["matchExpressions"]?.arrayValue ?? [] {
            if let requirement = Requirement(json: expression) { requirements.append(requirement) }
        }
        self.init(requirements)
    }
}

extension Requirement {
    /// `{key, operator, values}`.
    package init?(json: JSONValue) {
        guard let key = json["key"]?.stringValue,
            let kind = (json["operator"]?.stringValue).flatMap(Requirement.Operator.init(rawValue:))
        else { return nil }
        self.init(key, kind, json["values"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
}
