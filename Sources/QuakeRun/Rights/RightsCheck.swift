import QuakeCluster
import QuakeKube

/// Asks each cluster, before anything is changed, whether the account may do what a run will do.
package struct RightsCheck: Sendable {
    /// A rule of which something may not be done.
    package struct Lack: Sendable, Equatable {
        package var cluster: String
        /// What asks for it.
        package var purpose: String
        /// Its verbs are those that are missing.
        package var rule: RightRule
    }

    package var plan: RightsPlan

    package init(_ plan: RightsPlan) { self.plan = plan }

    /// - Throws: ``RunError`` (69) with every right that is missing and the rules to add.
    package func run() async throws(RunError) {
        let found = await withTaskGroup(of: [Lack].self) { group in
            for cluster in plan.clusters.values { group.addTask { await self.lacks(of: cluster) } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        guard !found.isEmpty else { return }
        throw RunError(.unavailable, Self.words(found))
    }

    private func lacks(of cluster: Cluster) async -> [Lack] {
        let asked = await plan.needs(of: cluster).flatMap { need, ask in
            RightsTable.rules(need).flatMap { rule in
                rule.resources.map { resource in
                    var single = rule
                    single.resources = [resource]
                    return (ask: ask, rule: single)
                }
            }
        }
        return await withTaskGroup(of: Lack?.self) { group in
            for (ask, rule) in asked {
                group.addTask {
                    let missing = await Self.missing(rule, ask, cluster)
                    return missing.verbs.isEmpty
                        ? nil : Lack(cluster: cluster.name, purpose: ask.purpose, rule: missing)
                }
            }
            return await group.reduce(into: []) { if let lack = $1 { $0.append(lack) } }
        }
    }

    /// The rule with those of its verbs that are not allowed.
    private static func missing(_ rule: RightRule, _ ask: RightsPlan.Ask, _ cluster: Cluster) async -> RightRule {
        var missing = rule
        missing.verbs = []
        for verb in rule.verbs {
            var one = rule
            one.verbs = [verb]
            for right in one.rights where await !isAllowed(right, ask, cluster) {
                missing.verbs.append(verb)
                break
            }
        }
        return missing
    }

    /// In all of the cluster, or in each namespace that matters.
    private static func isAllowed(_ right: Right, _ ask: RightsPlan.Ask, _ cluster: Cluster) async -> Bool {
        if await isAllowed(right, cluster) { return true }
        guard right.namespace == nil, !ask.namespaces.isEmpty else { return false }
        for namespace in ask.namespaces.sorted() {
            var narrow = right
            narrow.namespace = namespace
            guard await isAllowed(narrow, cluster) else { return false }
        }
        return true
    }

    /// A server that answers no such question is taken at its word later.
    private static func isAllowed(_ right: Right, _ cluster: Cluster) async -> Bool {
        let parts = right.resource.split(separator: "/", maxSplits: 1).map(String.init)
        var attributes: JSONValue = [
            "group": .string(right.group), "resource": .string(parts[0]), "verb": .string(right.verb),
        ]
        if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
        if let namespace = right.namespace { attributes["namespace"] = .string(namespace) }
        if let name = right.name { attributes["name"] = .string(name) }
        let review: JSONValue = [
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": ["resourceAttributes": attributes],
        ]
        let path = ResourcePath(group: "authorization.k8s.io", resource: "selfsubjectaccessreviews")
        let answer = try? await cluster.kube.create(review, at: path, timeout: .seconds(10))
        return answer?[path: "status.allowed"]?.boolValue ?? true
    }

    // MARK: - Words

    /// What is missing where, and what to add to the roles of docs/runner-rbac.yaml.
    package static func words(_ lacks: [Lack]) -> String {
        var lines: [String] = []
        for (cluster, some) in Dictionary(grouping: lacks, by: \.cluster).sorted(by: { $0.key < $1.key }) {
            lines.append("\(cluster): the account may not do what the plan needs:")
            lines += some.map { lack in
                let names = lack.rule.names.isEmpty ? "" : " \(lack.rule.names.joined(separator: ", "))"
                let place = lack.rule.role.namespace.map { " in \($0)" } ?? ""
                let group = lack.rule.group.isEmpty ? "" : ".\(lack.rule.group)"
                let verbs = lack.rule.verbs.joined(separator: ", ")
                return "  \(verbs) \(lack.rule.resources[0])\(group)\(names)\(place) (\(lack.purpose))"
            }.sorted()
        }
        lines.append("nothing was changed. The rules to add, as docs/runner-rbac.yaml has them:")
        for role in RightRule.Role.allCases {
            let rules = Set(lacks.map(\.rule).filter { $0.role == role })
            guard !rules.isEmpty else { continue }
            lines.append(
                "\(role == .locks ? "Role" : "ClusterRole") \(role.rawValue)\(role == .locks ? " in kube-system" : ""):"
            )
            lines += rules.map(yaml).sorted()
        }
        return lines.joined(separator: "\n")
    }

    private static func yaml(_ rule: RightRule) -> String {
        var lines = [
            "  - apiGroups: [\(rule.group.isEmpty ? "\"\"" : rule.group)]",
            "    resources: [\(rule.resources.joined(separator: ", "))]",
        ]
        if !rule.names.isEmpty { lines.append("    resourceNames: [\(rule.names.joined(separator: ", "))]") }
        lines.append("    verbs: [\(rule.verbs.joined(separator: ", "))]")
        return lines.joined(separator: "\n")
    }
}
