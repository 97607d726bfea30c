import QuakeKube

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

    /// Whether Karpenter's controller runs here, by the label of its chart.
    package func isInstalled() async throws -> Bool {
        try await !cluster.kube.list(.deployments(), labels: "app.kubernetes.io/name=karpenter").items.isEmpty
    }

    // MARK: - The real one

    /// Deletes the pool's NodeClaims, and waits until its nodes are others and as many are Ready.
    func expire(_ pool: NodePool, _ log: any ActionLog) async throws -> ActionOutcome {
        let kube = cluster.kube
        let claims = Self.path("nodeclaims")
        log.injected(cluster: cluster.name, targets: pool.nodes.map(\.name), part: pool.name)
        for claim in try await kube.list(claims, labels: "\(NodeRenewal.pool)=\(pool.name)").items {
            try await log.mutate(
                Mutation(
                    cluster: cluster.name, action: "expire-nodepools", about: "delete NodeClaim \(claim.name)",
                    objectUID: claim.uid, inverse: .none
                ) { try await kube.delete(claims.named(claim.name), uid: claim.uid) })
        }
        let old = Set(pool.nodes.map(\.uid))
        let deadline = ContinuousClock.now + .seconds(1800)
        while ContinuousClock.now < deadline {
            let nodes = try await kube.list(.nodes, labels: "\(NodeRenewal.pool)=\(pool.name)").items
            let fresh = nodes.count { !old.contains($0.uid) && $0.condition("Ready") == "True" }
            if !nodes.contains(where: { old.contains($0.uid) }), fresh >= old.count { return .finished }
            try await log.pause(.seconds(1))
        }
        return ActionOutcome("timed-out", "Karpenter has not replaced the nodes of \(pool.name) within 30 min")
    }

    // MARK: - The stand-in

    /// Makes what is not there: the definitions, a NodePool for each pool, a NodeClaim for each node.
    func standIn(for pools: [NodePool], _ log: any ActionLog) async throws {
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
                                "expireAfter": "720h", "requirements": [],
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
                        "spec": ["expireAfter": "720h"], "status": ["nodeName": .string(node.name)],
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
        let kube = cluster.kube
        try await log.mutate(
            Mutation(
                cluster: cluster.name, action: "expire-nodepools",
                about: "create \(object["kind"]?.stringValue ?? "") \(object.name)",
                inverse: .delete(path: path.path, uid: "")
            ) { try await kube.apply(object) })
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
                "name": .string("\(plural).\(group)"), "labels": ["app.kubernetes.io/managed-by": "peerquake"],
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
