/// The resources that Peerquake touches, by their usual names. A namespace of `nil` means all of them.
extension ResourcePath {
    /// All Nodes, in the core group; they have no namespace.
    package static var nodes: ResourcePath { ResourcePath(resource: "nodes") }
    /// One Node by its name.
    package static func node(_ name: String) -> ResourcePath { nodes.named(name) }

    /// All Namespaces, in the core group; they have no namespace.
    package static var namespaces: ResourcePath { ResourcePath(resource: "namespaces") }
    /// One Namespace by its name.
    package static func namespace(_ name: String) -> ResourcePath { namespaces.named(name) }

    /// The Pods of a namespace, in the core group.
    package static func pods(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "pods", namespace: namespace)
    }
    /// One Pod by its name.
    package static func pod(_ namespace: String, _ name: String) -> ResourcePath { pods(namespace).named(name) }

    /// The Services of a namespace, in the core group.
    package static func services(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "services", namespace: namespace)
    }
    /// One Service by its name.
    package static func service(_ namespace: String, _ name: String) -> ResourcePath { services(namespace).named(name) }

    /// The ConfigMaps of a namespace, in the core group.
    package static func configMaps(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "configmaps", namespace: namespace)
    }
    /// One ConfigMap by its name.
    package static func configMap(_ namespace: String, _ name: String) -> ResourcePath {
        configMaps(namespace).named(name)
    }

    /// The Secrets of a namespace, in the core group.
    package static func secrets(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "secrets", namespace: namespace)
    }
    /// One Secret by its name.
    package static func secret(_ namespace: String, _ name: String) -> ResourcePath { secrets(namespace).named(name) }

    /// The ServiceAccounts of a namespace, in the core group.
    package static func serviceAccounts(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "serviceaccounts", namespace: namespace)
    }
    /// One ServiceAccount by its name.
    package static func serviceAccount(_ namespace: String, _ name: String) -> ResourcePath {
        serviceAccounts(namespace).named(name)
    }

    /// All Endpoints of a namespace; the older form of EndpointSlices.
    package static func endpoints(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "endpoints", namespace: namespace)
    }
    /// One Endpoints object by its Service's name.
    package static func endpoints(_ namespace: String, _ name: String) -> ResourcePath {
        endpoints(namespace).named(name)
    }

    /// The Deployments of a namespace, in apps.
    package static func deployments(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "apps", resource: "deployments", namespace: namespace)
    }
    /// One Deployment by its name.
    package static func deployment(_ namespace: String, _ name: String) -> ResourcePath {
        deployments(namespace).named(name)
    }

    /// The ReplicaSets of a namespace, in apps.
    package static func replicaSets(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "apps", resource: "replicasets", namespace: namespace)
    }
    /// One ReplicaSet by its name.
    package static func replicaSet(_ namespace: String, _ name: String) -> ResourcePath {
        replicaSets(namespace).named(name)
    }

    /// The DaemonSets of a namespace, in apps.
    package static func daemonSets(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "apps", resource: "daemonsets", namespace: namespace)
    }
    /// One DaemonSet by its name.
    package static func daemonSet(_ namespace: String, _ name: String) -> ResourcePath {
        daemonSets(namespace).named(name)
    }

    /// The StatefulSets of a namespace, in apps.
    package static func statefulSets(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "apps", resource: "statefulsets", namespace: namespace)
    }
    /// One StatefulSet by its name.
    package static func statefulSet(_ namespace: String, _ name: String) -> ResourcePath {
        statefulSets(namespace).named(name)
    }

    /// The EndpointSlices of a namespace, in discovery.k8s.io.
    package static func endpointSlices(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "discovery.k8s.io", resource: "endpointslices", namespace: namespace)
    }
    /// One EndpointSlice by its name.
    package static func endpointSlice(_ namespace: String, _ name: String) -> ResourcePath {
        endpointSlices(namespace).named(name)
    }

    /// The Leases of a namespace, in coordination.k8s.io.
    package static func leases(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "coordination.k8s.io", resource: "leases", namespace: namespace)
    }
    /// One Lease by its name.
    package static func lease(_ namespace: String, _ name: String) -> ResourcePath { leases(namespace).named(name) }

    /// The PodDisruptionBudgets of a namespace, in policy.
    package static func podDisruptionBudgets(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "policy", resource: "poddisruptionbudgets", namespace: namespace)
    }
    /// One PodDisruptionBudget by its name.
    package static func podDisruptionBudget(_ namespace: String, _ name: String) -> ResourcePath {
        podDisruptionBudgets(namespace).named(name)
    }

    /// The Roles of a namespace, in rbac.authorization.k8s.io.
    package static func roles(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "rbac.authorization.k8s.io", resource: "roles", namespace: namespace)
    }
    /// One Role by its name.
    package static func role(_ namespace: String, _ name: String) -> ResourcePath { roles(namespace).named(name) }

    /// The RoleBindings of a namespace, in rbac.authorization.k8s.io.
    package static func roleBindings(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "rbac.authorization.k8s.io", resource: "rolebindings", namespace: namespace)
    }
    /// One RoleBinding by its name.
    package static func roleBinding(_ namespace: String, _ name: String) -> ResourcePath {
        roleBindings(namespace).named(name)
    }

    /// All PriorityClasses, in scheduling.k8s.io; they have no namespace.
    package static var priorityClasses: ResourcePath {
        ResourcePath(group: "scheduling.k8s.io", resource: "priorityclasses")
    }
    /// One PriorityClass by its name.
    package static func priorityClass(_ name: String) -> ResourcePath { priorityClasses.named(name) }

    /// All ClusterRoles, in rbac.authorization.k8s.io; they have no namespace.
    package static var clusterRoles: ResourcePath {
        ResourcePath(group: "rbac.authorization.k8s.io", resource: "clusterroles")
    }
    /// One ClusterRole by its name.
    package static func clusterRole(_ name: String) -> ResourcePath { clusterRoles.named(name) }

    /// All ClusterRoleBindings, in rbac.authorization.k8s.io; they have no namespace.
    package static var clusterRoleBindings: ResourcePath {
        ResourcePath(group: "rbac.authorization.k8s.io", resource: "clusterrolebindings")
    }
    /// One ClusterRoleBinding by its name.
    package static func clusterRoleBinding(_ name: String) -> ResourcePath { clusterRoleBindings.named(name) }

    /// Core events, which kubectl shows.
    package static func events(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(resource: "events", namespace: namespace)
    }

    /// Leases of kubelets, one a node.
    package static func nodeLease(_ node: String) -> ResourcePath { lease("kube-node-lease", node) }

    /// Short for ``podDisruptionBudgets(_:)``.
    package static func pdbs(_ namespace: String? = nil) -> ResourcePath { podDisruptionBudgets(namespace) }
}

extension ResourcePath {
    private struct Kind {
        var resource: String
        var namespaced: Bool
    }

    /// `Group/Kind` → plural. A table, as discovery costs requests and is not needed for what plans apply.
    private static let kinds: [String: Kind] = {
        let namespaced: [String: [String]] = [
            "": ["Pod", "Service", "ConfigMap", "Secret", "ServiceAccount", "Event", "ReplicationController"],
            "apps": ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"],
            "batch": ["Job", "CronJob"],
            "discovery.k8s.io": ["EndpointSlice"],
            "coordination.k8s.io": ["Lease"],
            "policy": ["PodDisruptionBudget"], "autoscaling": ["HorizontalPodAutoscaler"],
            "rbac.authorization.k8s.io": ["Role", "RoleBinding"],
            "gateway.networking.k8s.io": ["Gateway", "HTTPRoute"],
        ]
        let clusterWide: [String: [String]] = [
            "": ["Node", "Namespace"],
            "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
            "gateway.networking.k8s.io": ["GatewayClass"],
            "karpenter.sh": ["NodePool", "NodeClaim"],
            "apiextensions.k8s.io": ["CustomResourceDefinition"],
        ]
        var table: [String: Kind] = [
            "/Endpoints": Kind(resource: "endpoints", namespaced: true),
            "networking.k8s.io/NetworkPolicy": Kind(resource: "networkpolicies", namespaced: true),
            "scheduling.k8s.io/PriorityClass": Kind(resource: "priorityclasses", namespaced: false),
        ]
        for (isNamespaced, groups) in [(true, namespaced), (false, clusterWide)] {
            for (group, kinds) in groups {
                for kind in kinds {
                    let plural = kind.lowercased() + (kind.hasSuffix("Class") ? "es" : "s")
                    table["\(group)/\(kind)"] = Kind(resource: plural, namespaced: isNamespaced)
                }
            }
        }
        return table
    }()

    /// The place of a manifest's object. A namespaced one that names no namespace goes to `defaultNamespace`.
    ///
    /// - Throws: `.invalid` for a manifest without apiVersion, kind or name, and for a kind that is not known here
    ///   (``KubeClient/path(for:defaultNamespace:)`` asks the cluster then).
    package init(manifest: JSONValue, defaultNamespace: String = "default") throws(KubeError) {
        let (group, version) = try Self.groupVersion(of: manifest)
        guard let kind = Self.kinds["\(group)/\(manifest.kind)"] else {
            throw KubeError(.invalid, "unknown kind \(manifest.kind) of \(manifest.apiVersion)")
        }
        let namespace = manifest.namespace.isEmpty ? defaultNamespace : manifest.namespace
        self.init(
            group: group, version: version, resource: kind.resource, namespace: kind.namespaced ? namespace : nil,
            name: manifest.name)
    }

    static func groupVersion(of manifest: JSONValue) throws(KubeError) -> (group: String, version: String) {
        for (field, value) in [
            ("apiVersion", manifest.apiVersion), ("kind", manifest.kind), ("metadata.name", manifest.name),
        ] where value.isEmpty {
            throw KubeError(.invalid, "a manifest without \(field)")
        }
        let parts = manifest.apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : ("", manifest.apiVersion)
    }
}
