import QuakeKube

/// A file of `--fix-dir`: everything that findings want of one object, in one piece, so that no file undoes another.
package struct FixFile: Sendable, Equatable {
    /// Without a directory.
    package var name: String
    package var text: String

    /// Those of a report's findings, in the order of their names. Ignored findings have none.
    package static func all(of report: AuditReport) -> [FixFile] {
        var groups: [(name: String, fixes: [(rule: String, cluster: String, fix: AuditFix)])] = []
        for finding in report.findings {
            guard let fix = finding.fix else { continue }
            let name = fix.fileName(cluster: finding.cluster, rule: finding.rule.id)
            let entry = (finding.rule.id, finding.cluster, fix)
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].fixes.append(entry)
            } else {
                groups.append((name, [entry]))
            }
        }
        return groups.sorted { $0.name < $1.name }.map { group in
            FixFile(name: group.name, text: text(group.name, group.fixes))
        }
    }

    private static func text(_ name: String, _ fixes: [(rule: String, cluster: String, fix: AuditFix)]) -> String {
        guard let first = fixes.first else { return "" }
        var rules: [String] = []
        for fix in fixes where !rules.contains(fix.rule) { rules.append(fix.rule) }
        var lines = rules.map { "# \($0)" }
        lines.append("# \(first.cluster): \(first.fix.command.replacing("FILE", with: name))")
        return lines.joined(separator: "\n") + "\n"
            + AuditFix.together(fixes.map(\.fix)).map(\.yamlText)
            .joined(separator: "---\n")
    }
}

extension AuditFix {
    /// Fixes of one object share a file.
    fileprivate func fileName(cluster: String, rule: String) -> String {
        let part =
            switch form {
            case .patch(let resource, let namespace, let name): "\(resource)-\(namespace)-\(name)"
            case .gatewayDefaults(_, let configMap): "configmap-\(configMap.namespace)-\(configMap.name)"
            case .helm: "istiod-values"
            case .manifest: "\(body.kind.lowercased())-\(body.namespace)-\(body.name)"
            case .removal: "remove-\(body.kind.lowercased())-\(body.namespace)-\(body.name)"
            }
        let safe = "\(cluster)-\(part)".map { $0.isLetter || $0.isNumber || "-._".contains($0) ? $0 : "-" }
        return String(safe).replacing("--", with: "-") + ".yaml"
    }

    /// What fixes of one object come to.
    fileprivate static func together(_ fixes: [AuditFix]) -> [JSONValue] {
        guard let first = fixes.first else { return [] }
        if case .gatewayDefaults(_, let configMap) = first.form {
            let patches = fixes.compactMap { fix -> (key: String, body: JSONValue)? in
                guard case .gatewayDefaults(let key, _) = fix.form else { return nil }
                return (key, fix.body)
            }
            return [merged(configMap, patches)]
        }
        return [fixes.dropFirst().reduce(first.body) { $0.merging($1.body) }]
    }
}
