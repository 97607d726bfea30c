package import FoundationEssentials

/// What an audit showed.
package struct AuditReport: Sendable, Equatable {
    /// A rule that could not be checked on a cluster.
    package struct Gap: Sendable, Equatable {
        package var rule: RuleDeclaration
        package var cluster: String
        package var why: String
    }

    /// What one rule came to on one cluster.
    package enum Outcome: Sendable, Equatable {
        case passed
        case found
        case notChecked(String)
        /// Why, in words that can follow a colon.
        case notApplicable(String)
    }

    /// One rule on one cluster.
    package struct Check: Sendable, Equatable {
        package var rule: RuleDeclaration
        package var cluster: String
        package var outcome: Outcome
    }

    /// When the snapshot was taken.
    package var taken: Date
    /// Cluster → its mesh's word, `none`, or `unknown`; in the order of names.
    package var clusters: [(name: String, mesh: String, version: String?)] {
        places.map { ($0.name, $0.mesh, $0.version) }
    }
    var places: [Place]
    /// Worst first, then by group, cluster and rule.
    package var findings: [Finding]
    /// Those that the command line ignores, with why.
    package var ignored: [Ignored]
    /// In the order of rules, then clusters.
    package var checks: [Check]
    /// What the exit code is made of.
    package var policy: AuditPolicy

    struct Place: Sendable, Equatable {
        var name: String
        var mesh: String
        var version: String?
    }

    /// A finding that does not count.
    package struct Ignored: Sendable, Equatable {
        package var finding: Finding
        package var reason: String
    }

    /// What could not be checked, worst first.
    package var gaps: [Gap] {
        let gaps = checks.compactMap { check -> Gap? in
            guard case .notChecked(let why) = check.outcome else { return nil }
            return Gap(rule: check.rule, cluster: check.cluster, why: why)
        }
        return gaps.enumerated().sorted { one, other in
            (other.element.rule.severity, one.offset) < (one.element.rule.severity, other.offset)
        }.map(\.element)
    }

    /// Findings of a severity.
    package func count(_ severity: RuleDeclaration.Severity) -> Int { findings.count { $0.rule.severity == severity } }

    /// 1 for a finding that counts, 2 for a rule of that severity that was not checked, else 0.
    package var exitCode: Int32 {
        if findings.contains(where: { $0.rule.severity >= policy.failOn }) { return 1 }
        let isOpen = gaps.contains { $0.rule.severity >= policy.failOn && policy.ignored[$0.rule.id] == nil }
        return isOpen && !policy.allowsUnchecked ? 2 : 0
    }
}

/// How findings are counted.
package struct AuditPolicy: Sendable, Equatable {
    /// The least severity that fails an audit.
    package var failOn: RuleDeclaration.Severity
    /// Rules of that severity may stay unchecked.
    package var allowsUnchecked: Bool
    /// Rule → why its findings do not count.
    package var ignored: [String: String]

    package init(
        failOn: RuleDeclaration.Severity = .error, allowsUnchecked: Bool = false, ignored: [String: String] = [:]
    ) {
        self.failOn = failOn
        self.allowsUnchecked = allowsUnchecked
        self.ignored = ignored
    }
}
