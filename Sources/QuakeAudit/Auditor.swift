import QuakePlan

/// Holds a snapshot against rules. Pure: the same snapshot gives the same report.
package struct Auditor: Sendable {
    private let registry: RuleRegistry
    private let policy: AuditPolicy

    package init(_ registry: RuleRegistry = .standard, policy: AuditPolicy = AuditPolicy()) {
        self.registry = registry
        self.policy = policy
    }

    /// Every rule on every cluster.
    package func report(on snapshot: AuditSnapshot) throws -> AuditReport {
        let sites = AuditSite.all(of: snapshot)
        var report = AuditReport(
            taken: snapshot.taken, places: sites.map(Self.place), findings: [], ignored: [], checks: [],
            policy: policy)
        for rule in registry.rules {
            for site in sites {
                let (outcome, findings) = try check(rule, site)
                report.checks.append(.init(rule: rule.declaration, cluster: site.name, outcome: outcome))
                if let reason = policy.ignored[rule.declaration.id] {
                    report.ignored += findings.map { AuditReport.Ignored(finding: $0, reason: reason) }
                } else {
                    report.findings += findings
                }
            }
        }
        report.findings = report.findings.enumerated().sorted { one, other in
            let (a, b) = (one.element.rule.severity, other.element.rule.severity)
            return a == b ? one.offset < other.offset : a > b
        }.map(\.element)
        return report
    }

    private static func place(_ site: AuditSite) -> AuditReport.Place {
        var mesh = "unknown"
        if let known = try? site.mesh() {
            mesh = known.rawValue
        } else if case .success = site.facts.mesh {
            mesh = "none"
        }
        return AuditReport.Place(name: site.name, mesh: mesh, version: site.facts.snapshot.version)
    }

    private func check(
        _ rule: any AuditRule.Type, _ site: AuditSite
    ) throws -> (AuditReport.Outcome, [Finding]) {
        do {
            if let reason = try Self.irrelevance(of: rule.declaration, site) { return (.notApplicable(reason), []) }
            let findings = try rule.findings(at: site)
            return (findings.isEmpty ? .passed : .found, findings)
        } catch let gap as Unchecked {
            return (.notChecked(gap.why), [])
        }
    }

    /// Why the rule is not about this cluster; `nil` where it is.
    private static func irrelevance(of rule: RuleDeclaration, _ site: AuditSite) throws(Unchecked) -> String? {
        guard let mesh = try site.mesh() else {
            // That there is no gateway is a rule's to say.
            return rule.id == GatewayMissing.declaration.id ? nil : "there is no east-west gateway"
        }
        if !rule.meshes.contains(mesh) { return "it is not about the \(mesh.words) mesh" }
        guard Set(rule.methods) != Set(PeeringMethod.allCases) else { return nil }
        let methods = rule.side == .server ? try site.methods() : Set(try site.outgoing.get().map(\.method))
        let names = rule.methods.map(\.rawValue).joined(separator: " or ")
        let verb = rule.side == .server ? "no audited cluster reaches it via" : "it reaches no cluster via"
        return methods.isDisjoint(with: rule.methods) ? "\(verb) \(names)" : nil
    }
}
