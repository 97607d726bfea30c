import QuakeKube
import QuakeRecord

/// What is written of istiod's affinity is in force.
///
/// Of open-source Istio's chart (istio/istio, `manifests/charts/istio-control/istio-discovery`): `templates/deployment.yaml`
/// reads `pilot.affinity` alone from 1.14 to 1.23, and `affinity` from 1.24 on, over which
/// `templates/zzy_descope_legacy.yaml` has merged `pilot` (seen up to 1.31). The ConfigMap with the values is there from
/// 1.26 on.
enum IstiodAffinityIgnored: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-affinity-ignored", .istiod, .warning,
        practice: "istiod's affinity is in one place of its chart's values, and istiod's Deployment has it.",
        why:
            "Charts from 1.24 on merge pilot.affinity over affinity: what affinity says otherwise is ignored in silence, and "
            + "null in pilot.affinity removes all of it. Charts up to 1.23 read pilot.affinity alone.",
        remedy: "Keep pilot.affinity, which charts from 1.14 on read, and remove affinity.", meshes: [.istio, .solo],
        methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.istiod).compactMap { istiod in
            let (map, values) = try values(of: istiod, at: site)
            let (top, below) = (values["affinity"] ?? [:], values[path: "pilot.affinity"] ?? [:])
            let inForce = top.merging(below)
            let evidence =
                [("affinity", top), ("pilot.affinity", below)].filter { $0.1 != [:] }.map {
                    Evidence(map, "data.\(HelmValues.key): \($0.0)", $0.1.text())
                } + [Evidence(istiod.object, "spec.template.spec.affinity")]
            if !top.isEmptyAffinity, inForce.merging(top) != inForce {
                return finding(
                    "pilot.affinity overrides affinity in the values of \(istiod.title)", at: site, evidence,
                    fix: AuditFix.istiod(["affinity": top]))
            }
            guard !inForce.isEmptyAffinity, (istiod.spec["affinity"] ?? [:]).isEmptyAffinity else { return nil }
            return finding(
                "\(istiod.title) has none of the affinity in its chart's values", at: site, evidence,
                fix: AuditFix.istiod(["affinity": inForce]))
        }
    }

    /// Those with which the chart made a Deployment: `values` those of `istiod`, `values-REVISION` those of
    /// `istiod-REVISION`.
    private static func values(
        of istiod: Workload, at site: AuditSite
    ) throws -> (map: JSONValue, values: JSONValue) {
        let name = istiod.name.replacing("istiod", with: "values", maxReplacements: 1)
        let map = try site.items(.configmaps).first {
            $0.labels[HelmValues.label] != nil && $0.namespace == istiod.namespace && $0.name == name
        }
        guard let map, let values = HelmValues.given(map) else {
            throw Unchecked(
                "there is no ConfigMap \(istiod.namespace)/\(name) with the values of istiod's chart, which Istio has "
                    + "from 1.26 on")
        }
        return (map, values)
    }
}

extension JSONValue {
    fileprivate var isEmptyAffinity: Bool { self == [:] || isNull }
}
