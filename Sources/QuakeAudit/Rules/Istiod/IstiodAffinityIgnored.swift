import QuakeKube
import QuakeRecord

/// Affinity is written where the chart reads it.
enum IstiodAffinityIgnored: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-affinity-ignored", .istiod, .error,
        practice: "istiod's affinity is at the top of its chart's values, not under pilot.",
        why: "The chart reads affinity, and leaves pilot.affinity aside in silence: istiod then runs without any.",
        remedy: "Move pilot.affinity to affinity in the chart's values.", meshes: [.istio, .solo], methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.items(.configmaps).compactMap { map in
            guard map.labels[HelmValues.label] != nil, let values = HelmValues.given(map),
                let affinity = values[path: "pilot.affinity"], affinity != [:]
            else { return nil }
            let istiods = try site.deployed(.istiod).filter { $0.namespace == map.namespace }
            // A chart that reads it has it in the Deployment.
            let ignoring = istiods.filter { ($0.spec["affinity"] ?? [:]) == [:] }
            guard let istiod = ignoring.first else { return nil }
            return finding(
                "\(istiod.title) has none of the affinity that its chart's values have under pilot", at: site,
                [
                    Evidence(map, "data.\(HelmValues.key): pilot.affinity", affinity.text()),
                    Evidence(istiod.object, "spec.template.spec.affinity"),
                ], fix: AuditFix(.helm, ["affinity": affinity]))
        }
    }
}
