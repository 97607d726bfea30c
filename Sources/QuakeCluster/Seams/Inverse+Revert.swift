import QuakeKube

extension Inverse {
    /// Undoes the change. An object that is gone, or has another uid by now, is left alone: it is not the one that was
    /// changed.
    ///
    /// - Throws: ``ClusterError`` or `KubeError` if it cannot be undone now; it may be tried again.
    package func revert(on cluster: Cluster) async throws {
        switch self {
        case .uncordon(let node, let uid): try await Self.setUnschedulable(nil, node, uid, cluster)
        case .cordon(let node, let uid): try await Self.setUnschedulable(true, node, uid, cluster)
        case .restoreNode(let node, _):
            guard let power = cluster.power else {
                throw ClusterError(.unsupported, "\(cluster.name): nobody here can start \(node)")
            }
            try await power.restore(node)
            try await Self.awaitReady(node, cluster)
        case .renewNode(let node, let uid, let labels):
            try await NodeRenewal(cluster: cluster, node: node, uid: uid, labels: labels).complete()
        case .setFlags(let flags):
            guard let controlPlane = cluster.controlPlane else {
                throw ClusterError(.unsupported, "\(cluster.name): nobody here can change flags")
            }
            try await controlPlane.setControllerManagerFlags(flags)
        case .scale(let namespace, let kind, let name, let uid, let replicas):
            let path = ResourcePath(group: "apps", resource: kind + "s", namespace: namespace, name: name)
            try await Self.patch(path.path, uid, ["spec": ["replicas": .int(Int64(replicas))]], cluster)
        case .patch(let path, let uid, let patch): try await Self.patch(path, uid, patch, cluster)
        case .delete(let path, let uid): try await Self.delete(path, uid, cluster)
        case .replace(let path, let object): try await Self.replace(path, object, cluster)
        case .none: break
        }
    }

    private static func setUnschedulable(_ flag: JSONValue?, _ node: String, _ uid: String, _ cluster: Cluster)
        async throws
    {
        try await patch(
            ResourcePath.node(node).path, uid, ["spec": ["unschedulable": flag ?? .null]], cluster)
    }

    private static func patch(_ path: String, _ uid: String, _ change: JSONValue, _ cluster: Cluster) async throws {
        try await ignoringAbsence {
            guard try await self.uid(of: path, cluster) == uid else { return }
            _ = try await cluster.kube.raw(
                "PATCH", path, body: change.serialized(), contentType: PatchType.merge.rawValue)
        }
    }

    private static func uid(of path: String, _ cluster: Cluster) async throws -> String {
        try JSONValue(parsing: try await cluster.kube.raw("GET", path).body).uid
    }

    private static func delete(_ path: String, _ uid: String, _ cluster: Cluster) async throws {
        try await ignoringAbsence {
            guard try await self.uid(of: path, cluster) == uid || uid.isEmpty else { return }
            let options: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"]
            _ = try await cluster.kube.raw("DELETE", path, body: options.serialized())
        }
    }

    private static func replace(_ path: String, _ object: JSONValue, _ cluster: Cluster) async throws {
        var wanted = object
        wanted.set(nil, at: "metadata", "resourceVersion")
        do throws(KubeError) {
            _ = try await cluster.kube.raw("PUT", path, body: wanted.serialized())
        } catch {
            guard error.code == .notFound else { throw error }
            let collection = path.split(separator: "/").dropLast().joined(separator: "/")
            wanted.set(nil, at: "metadata", "uid")
            _ = try await cluster.kube.raw("POST", "/" + collection, body: wanted.serialized())
        }
    }

    private static func ignoringAbsence(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KubeError where error.code == .notFound {}
    }

    /// A node that was started is healed when it is Ready and none of the lifecycle's taints is left.
    static func awaitReady(_ node: String, _ cluster: Cluster) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        var last = "nothing"
        while ContinuousClock.now < deadline {
            if let object = try? await cluster.kube.get(.node(node)) {
                let taints = (object[path: "spec.taints"]?.arrayValue ?? []).compactMap { $0["key"]?.stringValue }
                let left = taints.filter {
                    $0 == "node.kubernetes.io/unreachable" || $0 == "node.kubernetes.io/not-ready"
                }
                if object.condition("Ready") == "True", left.isEmpty { return }
                last = "Ready=\(object.condition("Ready") ?? "absent"), taints \(left)"
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw ClusterError(.timeout, "\(cluster.name): \(node) was started and is not Ready after 180 s; seen: \(last)")
    }
}
