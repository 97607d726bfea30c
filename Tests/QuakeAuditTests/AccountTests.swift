import Foundation
import QuakeKube
import Testing

@testable import QuakeAudit

/// What the audit asks of an API server, and what the account of docs/auditor-rbac.yaml may do.
@Suite("The auditor's account")
struct AccountTests {
    private func manifests() throws -> [JSONValue] {
        let root = World.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/auditor-rbac.yaml"), encoding: .utf8)
        return try JSONValue.manifests(text, file: "auditor-rbac.yaml")
    }

    /// `group/resource` of the rules of one kind of role, and all verbs.
    private func rules(_ kind: String) throws -> (resources: Set<String>, verbs: Set<String>) {
        var found: (resources: Set<String>, verbs: Set<String>) = ([], [])
        for rule in try manifests().filter({ $0.kind == kind }).flatMap({ $0["rules"]?.arrayValue ?? [] }) {
            func words(_ key: String) -> [String] { rule[key]?.arrayValue?.compactMap(\.stringValue) ?? [] }
            found.resources.formUnion(
                words("apiGroups").flatMap { group in words("resources").map { "\(group)/\($0)" } })
            found.verbs.formUnion(words("verbs"))
        }
        return found
    }

    @Test("may list what the audit reads, and do nothing else")
    func rights() throws {
        let (cluster, role) = (try rules("ClusterRole"), try rules("Role"))
        #expect(cluster.verbs == ["list"] && role.verbs == ["list"])
        #expect(role.resources == ["coordination.k8s.io/leases"])
        let needed = Set(AuditResource.allCases.map { "\($0.path.group)/\($0.path.resource)" })
        #expect(cluster.resources.union(role.resources) == needed)
    }

    @Test("is asked for a bounded number of lists")
    func calls() {
        #expect(AuditCollector.queries.count < 20)
        let asked = Set(AuditCollector.queries.map(\.resource))
        #expect(asked.union([.endpointSlices]) == Set(AuditResource.allCases))
        // Pods and ConfigMaps are many: never all of them.
        for query in AuditCollector.queries
        where [.pods, .configmaps, .services, .deployments].contains(query.resource) {
            #expect(query.labels != nil, "\(query)")
        }
    }
}
