package import QuakeCluster

/// One verb on one kind of object: what an API server is asked about.
package struct Right: Sendable, Hashable {
    /// Empty for the core group.
    package var group: String
    /// The plural, with its subresource where it has one: `pods/eviction`.
    package var resource: String
    package var verb: String
    /// `nil` for all namespaces, and for what has none.
    package var namespace: String?
    /// `nil` for all objects.
    package var name: String?
}

/// A rule as RBAC writes it.
package struct RightRule: Sendable, Hashable {
    /// The role of docs/runner-rbac.yaml that holds it.
    package enum Role: String, Sendable, CaseIterable {
        /// A ClusterRole for every run.
        case observe = "peerquake-runner-observe"
        /// A Role in kube-system, for every run.
        case locks = "peerquake-runner"
        /// A ClusterRole of what actions need.
        case act = "peerquake-runner-act"

        package var namespace: String? { self == .locks ? "kube-system" : nil }
    }

    package var role: Role
    package var group: String
    package var resources: [String]
    package var verbs: [String]
    /// The only objects that it is about; empty for all.
    package var names: [String] = []

    package var rights: [Right] {
        resources.flatMap { resource in
            verbs.flatMap { verb in
                (names.isEmpty ? [nil] : names.map { $0 }).map {
                    Right(group: group, resource: resource, verb: verb, namespace: role.namespace, name: $0)
                }
            }
        }
    }
}

/// Every right that a run may need, and what for: the check before the first trial and docs/runner-rbac.yaml both follow
/// it.
package enum RightsTable {
    package static let rows: [(need: RightsNeed, rule: RightRule)] = [
        (.run, observe("", ["nodes"], ["get", "list", "watch"])),
        (.run, observe("", ["namespaces"], ["get"])),
        (.mesh, observe("", ["pods"], ["get", "list", "watch"])),
        (.mesh, observe("", ["services"], ["get"])),
        (.mesh, observe("discovery.k8s.io", ["endpointslices"], ["list", "watch"])),
        (.nothing, observe("", ["services", "namespaces"], ["list", "watch"])),
        (.nothing, observe("discovery.k8s.io", ["endpointslices"], ["get"])),
        (.nothing, observe("apps", ["replicasets"], ["get", "list", "watch"])),
        (.nothing, observe("apps", ["deployments", "daemonsets", "statefulsets"], ["get", "list", "watch"])),
        (.nothing, observe("policy", ["poddisruptionbudgets"], ["get", "list", "watch"])),
        (.standin, observe("", ["pods/proxy"], ["get"])),
        (.podProber, observe("", ["pods/proxy"], ["get", "create"])),
        (.serviceSetting, observe("", ["services"], ["patch"])),
        (.nodeLeases, observe("coordination.k8s.io", ["leases"], ["get", "list"])),
        (.nothing, observe("", ["events"], ["create", "patch"])),
        (.istio, observe("gateway.networking.k8s.io", ["gateways"], ["get", "list"])),
        (.gatewaySetting, observe("gateway.networking.k8s.io", ["gateways"], ["patch"])),
        (.gatewayCreation, observe("gateway.networking.k8s.io", ["gateways"], ["create", "delete"])),
        (.gatewayCreation, observe("", ["configmaps"], ["get"], names: ["istio-sidecar-injector"])),
        (.gatewayCreation, observe("apps", ["deployments"], ["get"])),
        (.ztunnel, observe("", ["pods/portforward"], ["get", "create"])),
        (.nothing, observe("", ["pods/log"], ["get"])),
        (.meshLogs, observe("telemetry.istio.io", ["telemetries"], ["get", "create", "delete"])),
        (.nothing, observe("networking.istio.io", ["serviceentries", "workloadentries"], ["get", "list"])),

        (.run, lock("coordination.k8s.io", "leases", ["create"])),
        (.run, lock("coordination.k8s.io", "leases", ["get", "update", "patch", "delete"], "peerquake-run")),
        (.run, lock("", "configmaps", ["create"])),
        (.run, lock("", "configmaps", ["get", "patch", "delete"], "peerquake-journal")),

        (.cordon, act("", ["nodes"], ["patch"])),
        (.eviction, act("", ["pods/eviction"], ["create"])),
        // kubectl drain looks up the controllers of the pods that it leaves alone.
        (.controllers, act("apps", ["daemonsets"], ["get"])),
        (.allPods, observe("", ["pods"], ["get", "list"])),
        (.podDeletion, act("", ["pods"], ["delete"])),
        (.madePods, act("", ["pods"], ["create", "delete"])),
        (.madePods, act("apps", ["deployments"], ["get"])),
        (.workload("deployments"), act("apps", ["deployments"], ["get", "patch"])),
        (.workload("daemonsets"), act("apps", ["daemonsets"], ["get", "patch"])),
        (.workload("statefulsets"), act("apps", ["statefulsets"], ["get", "patch"])),
        (
            .manifest(group: "policy", resource: "poddisruptionbudgets"),
            act("policy", ["poddisruptionbudgets"], manifestVerbs)
        ),
        (.nothing, act("apiextensions.k8s.io", ["customresourcedefinitions"], ["get"])),
        (.karpenter, act("karpenter.sh", ["nodepools"], ["get", "list", "patch"])),
        (.karpenter, act("karpenter.sh", ["nodeclaims"], ["get", "list", "delete"])),
    ]

    /// What an object of a manifest is made, changed and put back by.
    static let manifestVerbs = ["get", "create", "patch", "update", "delete"]

    /// Where nobody runs Karpenter, its objects and the nodes' replacement are made up: kind's and embedded clusters',
    /// whose accounts may do everything.
    private static let karpenterStandin: [RightRule] = [
        act("apiextensions.k8s.io", ["customresourcedefinitions"], ["get", "create", "delete"]),
        act("karpenter.sh", ["nodepools", "nodeclaims"], ["get", "list", "create", "delete"]),
        act("", ["nodes"], ["delete"]),
    ]

    /// The rules of one need.
    package static func rules(_ need: RightsNeed) -> [RightRule] {
        if need == .karpenterStandin { return karpenterStandin }
        let found = rows.filter { $0.need == need }.map(\.rule)
        switch need {
        case .manifest(let group, let resource) where found.isEmpty: return [act(group, [resource], manifestVerbs)]
        case .workload(let resource) where found.isEmpty: return [act("apps", [resource], ["get", "patch"])]
        default: return found
        }
    }

    private static func observe(
        _ group: String, _ resources: [String], _ verbs: [String], names: [String] = []
    ) -> RightRule {
        RightRule(role: .observe, group: group, resources: resources, verbs: verbs, names: names)
    }

    private static func act(_ group: String, _ resources: [String], _ verbs: [String]) -> RightRule {
        RightRule(role: .act, group: group, resources: resources, verbs: verbs)
    }

    private static func lock(_ group: String, _ resource: String, _ verbs: [String], _ name: String? = nil) -> RightRule
    {
        RightRule(
            role: .locks, group: group, resources: [resource], verbs: verbs, names: name.map { [$0] } ?? [])
    }
}
