import QuakeRecord

/// The selector selects istiod.
enum IstiodAntiAffinitySelector: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-anti-affinity-selector", .istiod, .error,
        practice: "The selector of istiod's anti-affinity or topology spread matches istiod's own pods.",
        why: "istio.io/rev In [main], as in published examples, selects nothing where the label's value is default.",
        remedy: "Select app: istiod, or the revision that istiod's pods are labelled with.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try Spreading.misses(.istiod, at: site).map { workload, rule in
            finding(
                "a rule of \(workload.title) does not select its own pods", at: site,
                Spreading.evidence(workload, rule), fix: Spreading.fix(workload, at: site))
        }
    }
}
