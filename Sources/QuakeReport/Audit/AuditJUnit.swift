package import QuakeAudit

/// An audit as JUnit XML: a suite for each cluster, a case for each rule that is about it. A finding that fails the audit is
/// a failure, what is not checked is skipped.
package struct AuditJUnit {
    private let report: AuditReport

    package init(_ report: AuditReport) { self.report = report }

    /// The whole document.
    package func text() -> String {
        let suites = report.clusters.map { cluster in
            JUnitDocument.Suite(
                name: "audit of \(cluster.name)", seconds: 0,
                cases: report.checks.filter { $0.cluster == cluster.name }.compactMap(row))
        }
        return JUnitDocument(suites: suites).text()
    }

    private func row(_ check: AuditReport.Check) -> JUnitDocument.Case? {
        let own = { (finding: Finding) in finding.rule.id == check.rule.id && finding.cluster == check.cluster }
        let findings = report.findings.filter(own)
        let outcome: JUnitDocument.Outcome
        switch check.outcome {
        case .notApplicable: return nil
        case .passed: outcome = .passed
        case .notChecked(let why): outcome = .skipped("not checked: \(why)")
        case .found:
            let messages = findings.map(\.message).joined(separator: "; ")
            if let ignored = report.ignored.first(where: { own($0.finding) }) {
                outcome = .skipped("ignored: \(ignored.reason)")
            } else {
                outcome = check.rule.severity >= report.policy.failOn ? .failed(messages) : .passed
            }
        }
        let output = findings.flatMap { [$0.message] + $0.evidence.map(\.words) + [$0.cost].compactMap { $0 } }
        return JUnitDocument.Case(
            name: check.rule.id, outcome: outcome,
            output: ([check.rule.practice] + output).joined(separator: "\n"))
    }
}
