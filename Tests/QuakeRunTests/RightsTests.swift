import Foundation
import QuakeCluster
import QuakeKube
import QuakePeering
import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeRun

@Suite("Rights", .timeLimit(.minutes(3)))
struct RightsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Role → what it grants; where a rule names objects, each by its name.
    private static func granted() throws -> [RightRule.Role: Set<Right>] {
        let text = try String(contentsOf: root.appending(path: "docs/runner-rbac.yaml"), encoding: .utf8)
        var roles: [RightRule.Role: Set<Right>] = [:]
        for object in try JSONValue.manifests(text, file: "runner-rbac.yaml") {
            guard ["Role", "ClusterRole"].contains(object["kind"]?.stringValue) else { continue }
            let role = try #require(RightRule.Role(rawValue: object.name))
            #expect(object["metadata"]?["namespace"]?.stringValue == role.namespace)
            for rule in object["rules"]?.arrayValue ?? [] {
                func words(_ key: String) -> [String] { (rule[key]?.arrayValue ?? []).compactMap(\.stringValue) }
                for group in words("apiGroups") {
                    let named = RightRule(
                        role: role, group: group, resources: words("resources"), verbs: words("verbs"),
                        names: words("resourceNames"))
                    roles[role, default: []].formUnion(named.rights)
                }
            }
        }
        return roles
    }

    @Test("that docs/runner-rbac.yaml grants are those of the table, role by role")
    func document() throws {
        let granted = try Self.granted()
        for role in RightRule.Role.allCases {
            let wanted = Set(RightsTable.rows.map(\.rule).filter { $0.role == role }.flatMap(\.rights))
            let missing = wanted.subtracting(granted[role] ?? []).map { "\($0)" }.sorted()
            let needless = (granted[role] ?? []).subtracting(wanted).map { "\($0)" }.sorted()
            #expect(missing.isEmpty && needless.isEmpty, "\(role): missing \(missing), needless \(needless)")
        }
    }

    private func check(_ fake: FakeCluster, _ steps: String) async throws {
        let plan = try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: rights
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo.demo:8080/", from: east, to: west, rate: 20/s}]
            steps: \(steps)
            """, path: "rights.yaml")
        try await RightsCheck(
            RightsPlan(
                plan: plan, clusters: ["west": fake.cluster], peering: StandinPeering(), isIstio: false,
                probesFromPods: false)
        ).run()
    }

    @Test("that are missing are named before anything is changed, with what asks for them and the rules to add")
    func missing() async throws {
        let fake = FakeCluster()
        fake.deny(["create pods/eviction", "patch leases"])
        let error = await #expect(throws: RunError.self) {
            try await check(fake, "[{drain: {cluster: west, nodes: {count: 1}}}]")
        }
        #expect(error?.exit == .unavailable)
        #expect(
            error?.message == """
                west: the account may not do what the plan needs:
                  create pods/eviction (drain)
                  patch leases.coordination.k8s.io peerquake-run in kube-system (every run)
                nothing was changed. The rules to add, as docs/runner-rbac.yaml has them:
                Role peerquake-runner in kube-system:
                  - apiGroups: [coordination.k8s.io]
                    resources: [leases]
                    resourceNames: [peerquake-run]
                    verbs: [patch]
                ClusterRole peerquake-runner-act:
                  - apiGroups: [""]
                    resources: [pods/eviction]
                    verbs: [create]
                """)
        #expect(fake.log.isEmpty)
    }

    @Test("of what a plan does not do are not asked for")
    func needless() async throws {
        let fake = FakeCluster()
        fake.deny(["create pods/eviction", "delete pods", "patch events", "create events"])
        try await check(fake, "[{cordon: {cluster: west, nodes: {count: 1}}}]")
    }
}
