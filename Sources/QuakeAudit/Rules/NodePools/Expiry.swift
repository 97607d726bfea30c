import FoundationEssentials
import QuakeBase
import QuakeCluster
import QuakeKube

/// When Karpenter's nodes with gateways expire.
struct ClaimExpiry: Sendable {
    var claim: JSONValue
    var node: String
    /// `nil` for never.
    var date: Date?
}

extension AuditSite {
    /// Karpenter's default (karpenter.sh/v1, `expireAfter`).
    static let defaultExpiry = "720h"

    /// NodePools by name; those of v1beta1 write their expiry elsewhere.
    func expiry(of pool: JSONValue) -> (text: String, field: String) {
        if let text = pool[path: "spec.template.spec.expireAfter"]?.stringValue {
            return (text, "spec.template.spec.expireAfter")
        }
        if let text = pool[path: "spec.disruption.expireAfter"]?.stringValue {
            return (text, "spec.disruption.expireAfter")
        }
        return (Self.defaultExpiry, "spec.template.spec.expireAfter")
    }

    /// The pools whose nodes run the gateway's pods.
    func pools(of workload: Workload) throws -> [JSONValue] {
        let nodes = try nodes()
        let names = Set(workload.placed.compactMap { pod in nodes.first { $0.name == pod.node }?.nodePool })
        return try items(.nodepools).filter { names.contains($0.name) }
    }

    /// The claims of the nodes that run the gateway's pods. A claim keeps the age that it was made with, and expires so
    /// long after its creation, without jitter.
    func expiries(of workload: Workload) throws -> [ClaimExpiry] {
        let nodes = Set(workload.placed.compactMap(\.node))
        return try items(.nodeclaims).compactMap { claim in
            guard let node = claim[path: "status.nodeName"]?.stringValue, nodes.contains(node) else { return nil }
            let age = claim[path: "spec.expireAfter"]?.stringValue ?? Self.defaultExpiry
            guard let length = Karpenter.duration(age),
                let made = claim.metadata["creationTimestamp"]?.stringValue.flatMap(Moment.date)
            else { return ClaimExpiry(claim: claim, node: node, date: nil) }
            return ClaimExpiry(claim: claim, node: node, date: made.addingTimeInterval(length.inSeconds))
        }
    }
}
