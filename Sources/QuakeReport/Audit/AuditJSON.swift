import FoundationEssentials
package import QuakeAudit
import QuakePlan

/// An audit as machines read it; `version` changes with the meaning of its keys.
package struct AuditJSON: Encodable {
    private struct Cluster: Encodable {
        var name: String
        var mesh: String
        var kubernetes: String?
    }

    private struct Proof: Encodable {
        var object: String
        var field: String
        var value: String
    }

    private struct Fix: Encodable {
        var command: String
        var yaml: String
    }

    private struct Entry: Encodable {
        var rule: String
        var group: RuleDeclaration.Group
        var severity: RuleDeclaration.Severity
        var cluster: String
        var message: String
        var practice: String
        var why: String
        var remedy: String
        var meshes: [AuditMesh]
        var methods: [String]
        var evidence: [Proof]
        var cost: String?
        var fix: Fix?
        var ignoredBecause: String?

        init(_ finding: Finding, ignoredBecause reason: String? = nil) {
            rule = finding.rule.id
            group = finding.rule.group
            severity = finding.rule.severity
            cluster = finding.cluster
            message = finding.message
            practice = finding.rule.practice
            why = finding.rule.why
            remedy = finding.rule.remedy
            meshes = finding.rule.meshes
            methods = finding.rule.methods.map(\.rawValue)
            evidence = finding.evidence.map { Proof(object: $0.object, field: $0.field, value: $0.value) }
            cost = finding.cost
            fix = finding.fix.map { Fix(command: $0.command, yaml: $0.yaml) }
            ignoredBecause = reason
        }
    }

    private struct Check: Encodable {
        var rule: String
        var cluster: String
        var severity: RuleDeclaration.Severity
        var outcome: String
        var reason: String?

        init(_ check: AuditReport.Check) {
            rule = check.rule.id
            cluster = check.cluster
            severity = check.rule.severity
            switch check.outcome {
            case .passed: outcome = "passed"
            case .found: outcome = "found"
            case .notChecked(let why): (outcome, reason) = ("not checked", why)
            case .notApplicable(let why): (outcome, reason) = ("not applicable", why)
            }
        }
    }

    private let version = 1
    private let taken: String
    private let exitCode: Int32
    private let failOn: RuleDeclaration.Severity
    private let allowUnchecked: Bool
    private let clusters: [Cluster]
    private let findings: [Entry]
    private let ignored: [Entry]
    private let checks: [Check]

    package init(_ report: AuditReport) {
        taken = report.taken.formatted(.iso8601)
        exitCode = report.exitCode
        failOn = report.policy.failOn
        allowUnchecked = report.policy.allowsUnchecked
        clusters = report.clusters.map { Cluster(name: $0.name, mesh: $0.mesh, kubernetes: $0.version) }
        findings = report.findings.map { Entry($0) }
        ignored = report.ignored.map { Entry($0.finding, ignoredBecause: $0.reason) }
        checks = report.checks.map { Check($0) }
    }

    /// Pretty-printed, keys sorted.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
