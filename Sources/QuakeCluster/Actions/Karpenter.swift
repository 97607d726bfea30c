import QuakeBase
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

    private static let mark = (key: WellKnown.managedBy, value: "peerquake")

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
        try await cluster.kube.list(Self.path("nodeclaims"), labels: "\(WellKnown.nodePool)=\(pool)").items
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
                    cluster: cluster.name, action: ExpireNodePools.declaration.name,
                    about: "delete NodeClaim \(claim.name)",
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
        return try await awaitReplacement(of: Set(pool.nodes.map(\.uid)), pool.name, expiry)
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
                cluster: cluster.name, action: ExpireNodePools.declaration.name,
                about: "NodePool \(pool.name): expireAfter \(age.flagText)", objectUID: object.uid,
                inverse: .patch(
                    path: path.path, uid: object.uid,
                    patch: template(object[path: "spec.template.spec.expireAfter"] ?? .null))
            ) { try await kube.patch(path, change) })
        let young: [JSONValue]
        do {
            young = try await awaitRenewal(of: pool.name, age)
        } catch let timeout as PollTimeout {
            return ActionOutcome(
                .timedOut,
                "NodePool \(pool.name) was not renewed with expireAfter \(age.flagText) after 30 min; seen: \(timeout.last). Do its disruption budgets forbid drift?"
            )
        }
        let nodes = try await kube.list(.nodes, labels: "\(WellKnown.nodePool)=\(pool.name)").items
        do {
            let interval = try await awaitExpiry(of: Set(young.map(\.uid)), pool.name, age)
            log.injected(cluster: cluster.name, targets: nodes.map(\.name), part: pool.name, during: interval)
        } catch let timeout as PollTimeout {
            return ActionOutcome(
                .timedOut, "no NodeClaim of \(pool.name) has expired at \(age.flagText); seen: \(timeout.last)")
        }
        return try await awaitReplacement(of: Set(nodes.map(\.uid)), pool.name, expiry)
    }

    /// The pool's NodeClaims when all of them have this age to expire at and Ready nodes.
    ///
    /// - Throws: ``PollTimeout`` where that does not come.
    private func awaitRenewal(of pool: String, _ age: Duration) async throws -> [JSONValue] {
        let what = "\(pool): NodeClaims that expire at \(age.flagText)"
        return try await poll(until: what, within: Self.patience, every: .milliseconds(500)) {
            () -> Look<[JSONValue]> in
            let claims = try await claims(of: pool)
            guard !claims.isEmpty else { return .notYet("no NodeClaim") }
            let old = claims.filter {
                $0.isBeingDeleted || $0[path: "spec.expireAfter"]?.stringValue.flatMap(Self.duration) != age
            }
            guard old.isEmpty else {
                return .notYet(
                    "NodeClaims that go or expire at another age: \(old.map(\.name).joined(separator: ", "))")
            }
            let unready = try await unready(claims, pool)
            return unready.isEmpty ? .met(claims) : .notYet(Self.lack(unready))
        }
    }

    /// When the first of these NodeClaims expired. Nobody's call: it took effect between the last look that did not
    /// show it and the one that did.
    ///
    /// - Throws: ``PollTimeout`` where none does.
    private func awaitExpiry(of uids: Set<String>, _ pool: String, _ age: Duration) async throws -> EffectInterval {
        let what = "\(pool): the first NodeClaim expired"
        var looked = EffectInterval.now
        return try await poll(until: what, within: age + Self.patience, every: .milliseconds(500)) {
            () -> Look<EffectInterval> in
            let look = EffectInterval.now
            let left = try await claims(of: pool).count { uids.contains($0.uid) && !$0.isBeingDeleted }
            guard left == uids.count else { return .met(EffectInterval(from: looked, to: EffectInterval.now)) }
            looked = look
            return .notYet("all \(left) are there")
        }
    }

    /// Names of NodeClaims that have no Ready node.
    private func unready(_ claims: [JSONValue], _ pool: String) async throws -> [String] {
        let nodes = try await cluster.kube.list(.nodes, labels: "\(WellKnown.nodePool)=\(pool)").items
        let ready = Set(nodes.filter { NodeView($0).isReady }.map(\.name))
        return claims.filter { !ready.contains($0[path: "status.nodeName"]?.stringValue ?? "") }.map(\.name)
    }

    private static func lack(_ unready: [String]) -> String {
        "NodeClaims without a Ready node: \(unready.joined(separator: ", "))"
    }

    /// Waits until none of the old nodes is left and each NodeClaim that Karpenter has made instead has a Ready node: how
    /// many it takes is its own to say.
    private func awaitReplacement(
        of old: Set<String>, _ pool: String, _ expiry: ExpireNodePools
    ) async throws -> ActionOutcome {
        let limit = (expiry.terminationGracePeriod ?? .zero) + Self.patience
        var left: [String] = []
        do {
            try await poll(until: "\(pool): nodes replaced", within: limit, every: .milliseconds(500)) {
                () -> Look<Void> in
                let nodes = try await cluster.kube.list(.nodes, labels: "\(WellKnown.nodePool)=\(pool)").items
                left = nodes.filter { old.contains($0.uid) }.map(\.name)
                let claims = try await claims(of: pool)
                let unready = try await unready(claims, pool)
                if left.isEmpty, !claims.isEmpty, unready.isEmpty { return .met(()) }
                return .notYet(claims.isEmpty ? "no NodeClaim" : Self.lack(unready))
            }
            return .finished
        } catch let timeout as PollTimeout {
            if !left.isEmpty {
                return ActionOutcome(.blocked, "\(left.sorted().joined(separator: ", ")) of \(pool) did not go")
            }
            return ActionOutcome(.timedOut, "Karpenter has not replaced the nodes of \(pool): \(timeout.last)")
        }
    }

    /// As Karpenter writes ages, and its definition has them: `720h`, `1h10m`, `300s`; no sign, no fraction, nothing shorter.
    package static func duration(_ text: String) -> Duration? {
        guard let parts = try? GoDuration.parts(text),
            parts.allSatisfy({ $0.decimals == nil && [.hours, .minutes, .seconds].contains($0.unit) })
        else { return nil }
        return GoDuration.sum(parts)
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
                            "labels": [WellKnown.nodePool: .string(pool.name)],
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
                action: ExpireNodePools.declaration.name,
                about: "create \(object["kind"]?.stringValue ?? "") \(object.name)"))
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
        let what = "\(cluster.name): \(plural).karpenter.sh"
        do {
            try await poll(until: what, within: .seconds(30), every: .milliseconds(200)) { () -> Look<Void> in
                try await isServed(plural) ? .met(()) : .notYet("not found")
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(.timeout, "\(what) is not served 30 s after its creation: \(timeout.last)")
        }
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
