import QuakeKube
import QuakeMesh

/// The peers are connected.
enum SoloPeerConditions: AuditRule {
    static let declaration = RuleDeclaration(
        "solo-peer-conditions", .peering, .error,
        practice: "Each Gateway of class istio-remote has Solo's conditions PeeringSucceeded, PeerConnected and "
            + "PeerDataPlaneProgrammed with status True.",
        why: "What the control plane generated stays while a peer is away: traffic then goes by what was known last.",
        remedy: "Run istioctl multicluster check, and read the messages of the conditions.", meshes: [.solo],
        side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.facts.remotes.get().compactMap { remote in
            let bad = IstioNames.conditions.filter { remote.condition($0) != "True" }
            guard !bad.isEmpty else { return nil }
            return finding(
                "the peering of Gateway \(remote.namespace)/\(remote.name) is not in order", at: site,
                bad.map { Evidence(remote, "status.conditions[\($0)].status", remote.condition($0) ?? "absent") })
        }
    }
}
