import QuakeKube

/// Values are patches.
enum DefaultsInvalidPatch: AuditRule {
    /// What a strategic merge patch of any of the objects may have at its top.
    private static let members: Set<String> = ["apiVersion", "kind", "metadata", "spec"]
    /// Of a ServiceAccount.
    private static let ofAccounts: Set<String> = ["secrets", "imagePullSecrets", "automountServiceAccountToken"]

    static let declaration = RuleDeclaration(
        "defaults-invalid-patch", .customisation, .error,
        practice:
            "Each value of a ConfigMap that customises a class of Gateways is the YAML of a strategic merge patch.",
        why:
            "istiod cannot apply anything else: the gateway keeps what it had, and the reason is only in istiod's log.",
        remedy: "Write a mapping with spec or metadata, as in the object itself.", meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.defaultsMaps().flatMap { map in
            (map["data"]?.objectValue ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value -> Finding? in
                guard GatewayDefaults.keys.contains(key), let problem = problem(value.stringValue ?? "", key) else {
                    return nil
                }
                return finding(
                    "\(key) of ConfigMap \(map.namespace)/\(map.name) is not a patch: \(problem)", at: site,
                    [Evidence(map, "data.\(key)")])
            }
        }
    }

    private static func problem(_ text: String, _ key: String) -> String? {
        let documents: [JSONValue]
        do throws(KubeError) {
            documents = try JSONValue.manifests(text, file: key)
        } catch {
            return error.message
        }
        guard documents.count == 1, let members = documents[0].objectValue else {
            return "one mapping is expected"
        }
        let allowed = key == "serviceAccount" ? Self.members.union(ofAccounts) : Self.members
        let unknown = members.keys.filter { !allowed.contains($0) }.sorted()
        if !unknown.isEmpty { return "\(unknown.joined(separator: ", ")) cannot be at its top" }
        for (name, value) in members.sorted(by: { $0.key < $1.key })
        where ["spec", "metadata"].contains(name) && value.objectValue == nil {
            return "\(name) must be a mapping"
        }
        return nil
    }
}
