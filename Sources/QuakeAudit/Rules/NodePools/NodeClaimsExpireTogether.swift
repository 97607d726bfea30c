import FoundationEssentials
import QuakeBase
import QuakeKube

/// The ages of the nodes that run gateways differ.
enum NodeClaimsExpireTogether: AuditRule {
    /// From a claim's expiry until its successor runs a gateway that is Ready, with room to spare.
    private static let window: Double = 900

    static let declaration = RuleDeclaration(
        "nodeclaims-expire-together", .nodepools, .error,
        practice: "The NodeClaims of the nodes that run a gateway do not all expire within 15 minutes.",
        why:
            "Expiry ignores disruption budgets of NodePools and starts no replacement first: all gateway pods go at once.",
        remedy: "Delete one of the NodeClaims at a quiet time, so that the ages differ from then on.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let claims = try site.expiries(of: workload)
            let dates = claims.compactMap(\.date).sorted()
            let nodes = Set(workload.placed.compactMap(\.node))
            guard nodes.count > 1, dates.count == nodes.count, let first = dates.first, let last = dates.last,
                last.timeIntervalSince(first) <= window
            else { return nil }
            let when = first.formatted(.iso8601)
            let pods = workload.placed.map(\.name).joined(separator: ", ")
            return finding(
                "all \(nodes.count) nodes with pods of \(workload.title) expire from \(when) on, within "
                    + "\(Int(last.timeIntervalSince(first) / 60)) min: \(pods)", at: site,
                claims.map { claim in
                    Evidence(
                        claim.claim, "metadata.creationTimestamp + spec.expireAfter",
                        claim.date.map { $0.formatted(.iso8601) } ?? "Never")
                },
                fix: claims.first.map { claim in
                    AuditFix(
                        .removal,
                        [
                            "apiVersion": .string(claim.claim.apiVersion), "kind": "NodeClaim",
                            "metadata": ["name": .string(claim.claim.name)],
                        ])
                })
        }
    }
}
