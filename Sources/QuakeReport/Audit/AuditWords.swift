import QuakeAudit

/// What every format says about an audit.
extension AuditReport {
    /// `FAIL`, `NOT CHECKED` or `PASS`.
    var verdictWord: String {
        switch exitCode {
        case 0: "PASS"
        case 2: "NOT CHECKED"
        default: "FAIL"
        }
    }

    var tone: Tone {
        switch exitCode {
        case 0: .good
        case 2: .unsure
        default: .bad
        }
    }

    /// `2 errors, 1 warning, 0 notes; 3 of 118 not checked`.
    var countWords: String {
        func words(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
        var text = [
            words(count(.error), "error"), words(count(.warning), "warning"), words(count(.note), "note"),
        ].joined(separator: ", ")
        if !ignored.isEmpty { text += ", \(ignored.count) ignored" }
        return text + "; \(gaps.count) of \(checks.count) not checked"
    }

    /// `east: standin, Kubernetes v1.36.2`.
    var clusterWords: [String] {
        clusters.map { "\($0.name): mesh \($0.mesh), Kubernetes \($0.version ?? "of a version that is not known")" }
    }

    /// Why → the rules that could not be checked for that reason, worst first.
    var gapGroups: [(why: String, rules: [String])] {
        var groups: [(why: String, rules: [String])] = []
        for gap in gaps {
            let why = "\(gap.cluster): \(gap.why)"
            let rule = "\(gap.rule.id) (\(gap.rule.severity.rawValue))"
            if let index = groups.firstIndex(where: { $0.why == why }) {
                groups[index].rules.append(rule)
            } else {
                groups.append((why, [rule]))
            }
        }
        return groups
    }
}

extension RuleDeclaration.Severity {
    var tone: Tone {
        switch self {
        case .error: .bad
        case .warning: .unsure
        case .note: .neutral
        }
    }
}

extension Evidence {
    var words: String { "\(object): \(field) = \(value)" }
}
