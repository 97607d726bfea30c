import QuakeKube
import QuakePlan

/// Karpenter's objects: its own where it runs, and those that stand in for it where it does not, so that whoever watches
/// NodePools and NodeClaims sees them come and go.
package struct Karpenter: Sendable {
    private static let group = "karpenter.sh"
    private static let crds = ResourcePath(
        group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions")

    var cluster: Cluster

    package init(cluster: Cluster) { self.cluster = cluster }

    private static func path(_ resource: String) -> ResourcePath {
        ResourcePath(group: group, version: "v1", resource: resource)
    }

    private static let mark = (key: "app.kubernetes.io/managed-by", value: "peerquake")

    /// Whether Karpenter's own definitions are here. Its controller need not be seen: some clouds run it out of sight.
    package func isInstalled() async throws -> Bool {
        do throws(KubeError) {
            let definition = try await cluster.kube.get(Self.crds.named("nodeclaims.\(Self.group)"))
            return definition.labels[Self.mark.key] != Self.mark.value
        } catch {
            switch error.code {
            case .notFound: return false
            // Whoever may not read definitions has not made them, and sees what is served.
            case .forbidden: return try await isServed("nodeclaims")
            default: throw error
            }
        }
    }

    // MARK: - The real one

    /// How long Karpenter may take for a pool beyond the termination grace period.
    private static let patience = Duration.seconds(1800)

    private func claims(of pool: String) async throws -> [JSONValue] {
        try await cluster.kube.list(Self.path("nodeclaims"), labels: "\(NodeRenewal.pool)=\(pool)").items
    }

    /// Those of the pools whose nodes are Karpenter's: they have NodeClaims.
    func managed(_ pools: [NodePool]) async throws -> [NodePool] {
        var found: [NodePool] = []
        for pool in pools where try await !claims(of: pool.name).isEmpty { found.append(pool) }
        return found
    }

    /// Deletes the pool's NodeClaims, and waits until its nodes are others.
    func expire(_ pool: NodePool, _ expiry: ExpireNodePools, _ log: any ActionLog) async throws -> ActionOutcome {
        let (kube, path) = (cluster.kube, Self.path("nodeclaims"))
        let claims = try await claims(of: pool.name)
        let injection = Injection(log, cluster: cluster.name, targets: pool.nodes.map(\.name), part: pool.name)
        try await log.mutate(
            claims.map { claim in
                let deletion = Mutation(
                    cluster: cluster.name, action: "expire-nodepools", about: "delete NodeClaim \(claim.name)",
                    object: ObjectReference(
                        apiVersion: "\(Self.group)/v1", kind: "NodeClaim", namespace: "", name: claim.name,
                        uid: claim.uid), inverse: .none
                ) {
                    // One that Karpenter itself has deleted meanwhile is gone as well.
                    do throws(KubeError) {
                        try await kube.delete(path.named(claim.name), uid: claim.uid)
                    } catch {
                        guard error.code == .notFound || error.code == .conflict else { throw error }
                    }
                }
                return injection.timing(deletion, on: claim[path: "status.nodeName"]?.stringValue)
            })
        return try await awaitReplacement(of: Set(pool.nodes.map(\.uid)), pool.name, expiry, log)
    }

    /// Gives the NodeClaims that the pool makes from now on a short life, and waits until such ones have expired and are
    /// replaced.
    ///
    /// A NodeClaim keeps the age that it was made with. Those that are there differ from their pool's template from now
    /// on, so that Karpenter replaces them as drifted, in order and within its disruption budgets: that is not the
    /// fault. The fault is what their successors meet at their age.
    func expireByAge(
        _ pool: NodePool, _ age: Duration, _ expiry: ExpireNodePools, _ log: any ActionLog
    ) async throws -> ActionOutcome {
        let (kube, path) = (cluster.kube, Self.path("nodepools").named(pool.name))
        let object = try await kube.get(path)
        func template(_ value: JSONValue) -> JSONValue {
            ["spec": ["template": ["spec": ["expireAfter": value]]]]
        }
        let change = template(.string(age.flagText))
        try await log.mutate(
            Mutation(
                cluster: cluster.name, action: "expire-nodepools",
                about: "NodePool \(pool.name): expireAfter \(age.flagText)", objectUID: object.uid,
                inverse: .patch(
                    path: path.path, uid: object.uid,
                    patch: template(object[path: "spec.template.spec.expireAfter"] ?? .null))
            ) { try await kube.patch(path, change) })
        guard let young = try await awaitRenewal(of: pool.name, age, log) else {
            return ActionOutcome(
                .timedOut,
                "NodePool \(pool.name) had NodeClaims of another expireAfter than \(age.flagText) after 30 min: do its disruption budgets forbid drift?"
            )
        }
        let nodes = try await kube.list(.nodes, labels: "\(NodeRenewal.pool)=\(pool.name)").items
        let uids = Set(young.map(\.uid))
        let deadline = ContinuousClock.now + age + Self.patience
        // Nobody's call: it took effect between the last look that did not show it and the one that did.
        var looked = EffectInterval.now
        while true {
            let look = EffectInterval.now
            let left = try await claims(of: pool.name).count { uids.contains($0.uid) && !$0.isBeingDeleted }
            guard left == uids.count else { break }
            looked = look
            guard ContinuousClock.now < deadline else {
                return ActionOutcome(.timedOut, "no NodeClaim of \(pool.name) has expired at \(age.flagText)")
            }
            try await log.pause(.milliseconds(500))
        }
        log.injected(
            cluster: cluster.name, targets: nodes.map(\.name), part: pool.name,
            during: EffectInterval(from: looked, to: EffectInterval.now))
        return try await awaitReplacement(of: Set(nodes.map(\.uid)), pool.name, expiry, log)
    }

    /// The pool's NodeClaims when all of them have this age to expire at and Ready nodes; `nil` where that does not come.
    private func awaitRenewal(of pool: String, _ age: Duration, _ log: any ActionLog) async throws -> [JSONValue]? {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let claims = try await claims(of: pool)
            let isYoung = claims.allSatisfy {
                !$0.isBeingDeleted && $0[path: "spec.expireAfter"]?.stringValue.flatMap(Self.duration) == age
            }
            if !claims.isEmpty, isYoung, try await unready(claims, pool).isEmpty { return claims }
            try await log.pause(.milliseconds(500))
        }
        return nil
    }

    /// Names of NodeClaims that have no Ready node.
    private func unready(_ claims: [JSONValue], _ pool: String) async throws -> [String] {
        let nodes = try await cluster.kube.list(.nodes, labels: "\(NodeRenewal.pool)=\(pool)").items
        let ready = Set(nodes.filter { $0.condition("Ready") == "True" }.map(\.name))
        return claims.filter { !ready.contains($0[path: "status.nodeName"]?.stringValue ?? "") }.map(\.name)
    }

    /// Waits until none of the old nodes is left and each NodeClaim that Karpenter has made instead has a Ready node: how
    /// many it takes is its own to say.
    private func awaitReplacement(
        of old: Set<String>, _ pool: String, _ expiry: ExpireNodePools, _ log: any ActionLog
    ) async throws -> ActionOutcome {
        let deadline = ContinuousClock.now + (expiry.terminationGracePeriod ?? .zero) + Self.patience
        var left: [String] = []
        var seen = "nothing"
        while ContinuousClock.now < deadline {
            let nodes = try await cluster.kube.list(.nodes, labels: "\(NodeRenewal.pool)=\(pool)").items
            left = nodes.filter { old.contains($0.uid) }.map(\.name)
            let claims = try await claims(of: pool)
            let unready = try await unready(claims, pool)
            if left.isEmpty, !claims.isEmpty, unready.isEmpty { return .finished }
            seen =
                claims.isEmpty ? "no NodeClaim" : "NodeClaims without a Ready node: \(unready.joined(separator: ", "))"
            try await log.pause(.milliseconds(500))
        }
        if !left.isEmpty {
            return ActionOutcome(.blocked, "\(left.sorted().joined(separator: ", ")) of \(pool) did not go")
        }
        return ActionOutcome(.timedOut, "Karpenter has not replaced the nodes of \(pool): \(seen)")
    }

    /// As Karpenter writes ages: `720h`, `1h10m`, `300s`.
    static func duration(_ text: String) -> Duration? {
        var (seconds, number) = (0, "")
        for character in text {
            if character.isASCII, character.isNumber {
                number.append(character)
                continue
            }
            guard let value = Int(number), let unit = ["h": 3600, "m": 60, "s": 1][character] else { return nil }
            seconds += value * unit
            number = ""
        }
        return number.isEmpty && !text.isEmpty ? .seconds(seconds) : nil
    }

    // MARK: - The stand-in

    /// Makes what is not there: the definitions, a NodePool for each pool, a NodeClaim for each node.
    ///
    /// - Parameter age: what they say that nodes expire at; `nil` is Karpenter's default.
    func standIn(for pools: [NodePool], expiringAfter age: Duration?, _ log: any ActionLog) async throws {
        let expireAfter = JSONValue.string(age?.flagText ?? "720h")
        for (plural, kind) in [("nodepools", "NodePool"), ("nodeclaims", "NodeClaim")] where try await !isServed(plural)
        {
            let definition = Self.definition(plural, kind)
            try await create(definition, at: Self.crds.named(definition.name), log)
            try await awaitServed(plural)
        }
        for pool in pools {
            try await create(
                [
                    "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": ["name": .string(pool.name)],
                    "spec": [
                        "template": [
                            "spec": [
                                "expireAfter": expireAfter, "requirements": [],
                                "nodeClassRef": ["group": "peerquake.dev", "kind": "KindNodeClass", "name": "kind"],
                            ]
                        ]
                    ],
                ], at: Self.path("nodepools").named(pool.name), log)
            for node in pool.nodes {
                try await create(
                    [
                        "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
                        "metadata": [
                            "name": .string("\(pool.name)-\(node.name)"),
                            "labels": [NodeRenewal.pool: .string(pool.name)],
                        ],
                        "spec": ["expireAfter": expireAfter], "status": ["nodeName": .string(node.name)],
                    ], at: Self.path("nodeclaims").named("\(pool.name)-\(node.name)"), log)
            }
        }
    }

    private func create(_ object: JSONValue, at path: ResourcePath, _ log: any ActionLog) async throws {
        do throws(KubeError) {
            _ = try await cluster.kube.get(path)
            return
        } catch {
            guard error.code == .notFound else { throw error }
        }
        try await log.mutate(
            MadeObject(object, at: path, of: cluster).mutation(
                action: "expire-nodepools", about: "create \(object["kind"]?.stringValue ?? "") \(object.name)"))
    }

    private func isServed(_ plural: String) async throws -> Bool {
        do throws(KubeError) {
            _ = try await cluster.kube.list(Self.path(plural))
            return true
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }

    private func awaitServed(_ plural: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if try await isServed(plural) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw ClusterError(.timeout, "\(cluster.name): \(plural).karpenter.sh is not served 30 s after its creation")
    }

    /// Enough of a definition for the objects to be stored and shown.
    private static func definition(_ plural: String, _ kind: String) -> JSONValue {
        [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": [
                "name": .string("\(plural).\(group)"), "labels": [mark.key: .string(mark.value)],
            ],
            "spec": [
                "group": .string(group), "scope": "Cluster",
                "names": [
                    "plural": .string(plural), "singular": .string(kind.lowercased()), "kind": .string(kind),
                    "listKind": .string(kind + "List"),
                ],
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true,
                        "schema": [
                            "openAPIV3Schema": ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
                        ],
                    ]
                ],
            ],
        ]
    }
}
