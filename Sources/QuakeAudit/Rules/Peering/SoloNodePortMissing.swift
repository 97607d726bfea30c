import QuakeRecord

/// The version has NodePort peering.
enum SoloNodePortMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "solo-nodeport-missing", .peering, .error,
        practice: "Clusters that peer via NodePort run Solo's Istio 1.28 or later.",
        why: "Versions before 1.28 know no NodePort peering, and leave the annotations aside.",
        remedy: "Upgrade istiod, or peer via LoadBalancer.", meshes: [.solo], methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try SoloVersion.of(site).compactMap { workload, image, version in
            guard let version else { throw Unchecked("the image \(image) of istiod has no version for its tag") }
            guard version < (1, 28) else { return nil }
            return finding(
                "\(workload.title) is \(version.0).\(version.1), which has no NodePort peering", at: site,
                [Evidence(workload.object, SoloVersion.field, image)])
        }
    }
}
