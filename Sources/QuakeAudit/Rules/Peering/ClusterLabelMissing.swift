import QuakeBase
import QuakeKube

/// The gateway says which cluster it is of.
enum ClusterLabelMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "cluster-label-missing", .peering, .error,
        practice: "The east-west gateway has the label topology.istio.io/cluster.",
        why:
            "Via NodePort the peers assign the cluster's nodes to it by this label: without it the gateway is left aside.",
        remedy: "Label the Gateway with the name of its cluster.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.gateways().filter {
            $0.object.labels[WellKnown.cluster] == nil && $0.gateway?.labels[WellKnown.cluster] == nil
        }
        .map { workload in
            let object = workload.gateway ?? workload.object
            let resource = workload.gateway == nil ? "deployment" : "gateway"
            return finding(
                "\(workload.title) does not say which cluster it is of", at: site,
                [Evidence(object, label: WellKnown.cluster)],
                fix: AuditFix(
                    .patch(resource: resource, namespace: object.namespace, name: object.name),
                    ["metadata": ["labels": [WellKnown.cluster: .string(site.facts.name)]]]))
        }
    }
}
