import QuakeKube
import QuakeRecord

/// The only istiod is elsewhere.
enum IstiodWithGateway: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-with-gateway", .istiod, .error,
        practice: "Where peers come via NodePort, the only istiod is not on a node that runs a gateway.",
        why:
            "When that node fails, the one who would exclude it fails with it: peers dial it until another istiod runs.",
        remedy: "Run two istiods on different nodes.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        let istiods = try site.istiods().flatMap(\.placed)
        let nodes = Set(istiods.compactMap(\.node))
        guard nodes.count == 1, let node = nodes.first else { return [] }
        return try site.gateways().compactMap { workload in
            guard let pod = workload.byNode[node]?.first, let istiod = try site.istiods().first else { return nil }
            return finding(
                "node \(node) runs the only istiod and pod \(pod.name) of \(workload.title)", at: site,
                (istiods + [pod]).map { Evidence($0.object, "spec.nodeName") },
                fix: Spreading.fix(istiod, at: site))
        }
    }
}
