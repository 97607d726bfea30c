import QuakeKube
import QuakeMesh
import QuakeRecord

/// Both sides say NodePort, or neither.
enum SoloAnnotationOneSided: AuditRule {
    static let declaration = RuleDeclaration(
        "solo-annotation-one-sided", .peering, .error,
        practice:
            "With Solo both the server's east-west Gateway and the client's Gateway of that peer are annotated for "
            + "NodePort.",
        why:
            "The server publishes its nodes by its own annotation and the client prefers them by another: one alone has no "
            + "effect.",
        remedy: "Annotate the other Gateway, too.", meshes: [.solo], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.outgoing.get().flatMap { peering -> [Finding] in
            guard let facts = peering.facts else {
                if peering.method == .nodePort {
                    throw Unchecked("cluster \(peering.server) is not part of the audit")
                }
                return []
            }
            return try facts.gateways.get().compactMap { workload in
                guard let server = workload.gateway else { return nil }
                let isOwn = server.annotations[IstioNames.ownType]?.lowercased() == "nodeport"
                let isPreferred = peering.method == .nodePort
                guard isOwn != isPreferred else { return nil }
                let (object, key) =
                    isOwn ? (peering.object, IstioNames.preferredType) : (server, IstioNames.ownType)
                return finding(
                    "only \(isOwn ? peering.server : site.name) is annotated for NodePort from \(site.name) to "
                        + peering.server, at: site,
                    [
                        Evidence(server, annotation: IstioNames.ownType),
                        Evidence(peering.object, annotation: IstioNames.preferredType),
                    ],
                    fix: AuditFix(
                        .patch(resource: "gateway", namespace: object.namespace, name: object.name),
                        ["metadata": ["annotations": [key: "nodeport"]]]))
            }
        }
    }
}
