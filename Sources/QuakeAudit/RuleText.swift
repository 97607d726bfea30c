import QuakePlan

/// What is said about rules without a cluster: `--list-rules`, `--explain` and docs/audit.md.
package enum RuleText {
    /// A line for each rule: severity, id, practice.
    package static func list(_ registry: RuleRegistry) -> String {
        let width = registry.declarations.map(\.id.count).max() ?? 0
        var lines: [String] = []
        for group in RuleDeclaration.Group.allCases {
            let rules = registry.declarations.filter { $0.group == group }
            guard !rules.isEmpty else { continue }
            lines += lines.isEmpty ? [group.rawValue] : ["", group.rawValue]
            for rule in rules {
                lines.append("  \(pad(rule.severity.rawValue, 7))  \(pad(rule.id, width))  \(rule.practice)")
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// All that its declaration says.
    package static func explanation(of rule: RuleDeclaration) -> String {
        """
        \(rule.id) (\(rule.severity.rawValue), \(rule.group.rawValue))
        practice: \(rule.practice)
        concerns: \(rule.concerns)
        why: \(rule.why)
        fix: \(rule.remedy)
        """
    }
}
