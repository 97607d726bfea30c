package import QuakePlan

/// What everybody must know of a rule before it is checked.
package struct RuleDeclaration: Sendable, Equatable {
    /// Which part of a peering it is about; in the order of reports.
    package enum Group: String, Sendable, CaseIterable, Codable {
        case gateway, budget, nodepools, peering, istiod, detection, customisation
    }

    /// How bad a finding is. Greater is worse.
    package enum Severity: String, Sendable, CaseIterable, Codable, Comparable {
        case note, warning, error

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        /// By how bad they are.
        package static func < (one: Severity, other: Severity) -> Bool { one.rank < other.rank }
    }

    /// Whose objects it reads: those of the cluster that is reached, or of the one that reaches it.
    package enum Side: Sendable {
        case server, client
    }

    /// Lower-case words with hyphens, unique.
    package let id: String
    package let group: Group
    package let severity: Severity
    /// In one sentence.
    package let practice: String
    /// Why it matters.
    package let why: String
    /// What to do, in one sentence.
    package let remedy: String
    /// The meshes that it concerns.
    package let meshes: [AuditMesh]
    /// The peering methods that it concerns.
    package let methods: [PeeringMethod]
    package let side: Side

    package init(
        _ id: String, _ group: Group, _ severity: Severity, practice: String, why: String, remedy: String,
        meshes: [AuditMesh] = AuditMesh.allCases, methods: [PeeringMethod] = PeeringMethod.allCases,
        side: Side = .server
    ) {
        self.id = id
        self.group = group
        self.severity = severity
        self.practice = practice
        self.why = why
        self.remedy = remedy
        self.meshes = meshes
        self.methods = methods
        self.side = side
    }

    /// `stand-in, Istio, Solo; LoadBalancer, NodePort`.
    package var concerns: String {
        meshes.map(\.words).joined(separator: ", ") + "; " + methods.map(\.rawValue).joined(separator: ", ")
    }
}

/// One practice: one file, one line of the ``RuleRegistry``. A pure function of a snapshot.
package protocol AuditRule: Sendable {
    static var declaration: RuleDeclaration { get }

    /// What of the cluster does not keep to the practice; empty where all does.
    ///
    /// - Throws: ``Unchecked`` where the snapshot does not have what the rule needs.
    static func findings(at site: AuditSite) throws -> [Finding]
}

extension AuditRule {
    /// A finding of this rule.
    ///
    /// - Parameters:
    ///   - message: a sentence without its stop.
    ///   - cost: a figure with where it comes from.
    static func finding(
        _ message: String, at site: AuditSite, _ evidence: [Evidence], cost: String? = nil, fix: AuditFix? = nil
    ) -> Finding {
        Finding(
            rule: declaration, cluster: site.name, message: message, evidence: evidence, cost: cost, fix: fix)
    }
}
