import QuakeRecord

/// NodePort peering is known to be beta.
enum SoloNodePortBeta: AuditRule {
    static let declaration = RuleDeclaration(
        "solo-nodeport-beta", .peering, .note,
        practice: "NodePort peering in production is a decision: Solo's Istio 1.28 and 1.29 have it as beta.",
        why: "Features in beta may change and may not be supported in production.",
        remedy: "Read Solo's feature maturity for the version that you run.", meshes: [.solo], methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try SoloVersion.of(site).compactMap { workload, image, version in
            guard let version else { throw Unchecked("the image \(image) of istiod has no version for its tag") }
            guard version >= (1, 28), version <= (1, 29) else { return nil }
            return finding(
                "\(workload.title) is \(version.0).\(version.1), where NodePort peering is beta", at: site,
                [Evidence(workload.object, SoloVersion.field, image)])
        }
    }
}
