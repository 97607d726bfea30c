import QuakeBase
package import QuakeKube

/// What an attempt to undo a change found; what fails is thrown, and may be tried again.
package enum Reversion: Sendable, Equatable {
    /// It is undone, or was so already.
    case done
    /// What was changed is no longer there.
    case gone
    /// Another object has its name by now.
    case foreign
    /// It is undone but for these fields, which somebody else has changed since: they are left as they are.
    case partly(left: [String])
}

extension Inverse {
    /// The node whose machine it starts; `nil` for what is undone by the API alone.
    package var machine: String? {
        switch self {
        case .restoreNode(let node, _), .renewNode(let node, _, _, _): node
        default: nil
        }
    }

    /// What it changes, by a name of its own in its cluster: two that share it are undone one after another.
    package var subject: String {
        switch self {
        case .restoreNode(let node, _): "power of \(node)"
        case .uncordon(let node, _), .cordon(let node, _), .renewNode(let node, _, _, _):
            ResourcePath.node(node).path
        case .setFlags: "flags"
        case .scale(let namespace, let kind, let name, _, _):
            ResourcePath(group: "apps", resource: kind + "s", namespace: namespace, name: name).path
        case .patch(let path, _, _), .delete(let path, _, _), .replace(let path, _), .restore(let path, _, _): path
        case .deleteBuilt(_, let cause): cause
        case .logLevels(let path, _, _): "levels of logging of \(path)"
        case .none: ""
        }
    }

    /// Undoes the change from beginning to end. An object that is gone, or has another uid by now, is left alone: it is
    /// not the one that was changed.
    ///
    /// - Throws: ``ClusterError`` or `KubeError` if it cannot be undone now; it may be tried again.
    @discardableResult
    package func revert(on cluster: Cluster) async throws -> Reversion {
        guard let node = machine else { return try await revertChange(on: cluster) }
        try await startMachine(on: cluster)
        if case .renewNode = self { try await Self.awaitRegistration(node, cluster) }
        let result = try await revertChange(on: cluster)
        try await Self.awaitReady(node, cluster)
        return result
    }

    /// Starts the machine of ``machine``, and returns when it runs: the node may not be Ready yet. Needs no API server
    /// where the cluster's environment needs none for its power.
    package func startMachine(on cluster: Cluster) async throws {
        guard let node = machine else { return }
        guard let power = cluster.power else {
            throw ClusterError(.unsupported, "\(cluster.name): \(node) cannot be started from here")
        }
        if case .renewNode = self { try await power.provision(node) } else { try await power.restore(node) }
    }

    /// The part that goes through the API, or the controller manager's flags.
    package func revertChange(on cluster: Cluster) async throws -> Reversion {
        switch self {
        case .uncordon(let node, let uid): return try await Self.setUnschedulable(.null, node, uid, cluster)
        case .cordon(let node, let uid): return try await Self.setUnschedulable(true, node, uid, cluster)
        case .restoreNode, .none: return .done
        case .renewNode(let node, let uid, let labels, let isCordoned):
            try await NodeRenewal(
                cluster: cluster, node: node, uid: uid, labels: labels, cordons: isCordoned ?? false
            ).mend()
            return .done
        case .setFlags(let flags):
            guard let controlPlane = cluster.controlPlane else {
                throw ClusterError(.unsupported, "\(cluster.name): flags cannot be changed from here")
            }
            try await controlPlane.setControllerManagerFlags(flags)
            return .done
        case .scale(_, _, _, let uid, let replicas):
            return try await Self.patch(subject, uid, ["spec": ["replicas": .int(Int64(replicas))]], cluster)
        case .patch(let path, let uid, let patch): return try await Self.patch(path, uid, patch, cluster)
        case .delete(let path, let uid, let mark): return try await Self.delete(path, uid, mark, cluster)
        case .deleteBuilt(let path, _): return try await Self.deleteBuilt(path, cluster)
        case .replace(let path, let object): return try await Self.replace(path, object, cluster)
        case .restore(let path, let uid, let changes): return try await Self.restore(path, uid, changes, cluster)
        case .logLevels(let path, let uid, let levels):
            return try await Self.changing(path, cluster) { found in
                guard found.uid == uid else { return .foreign }
                try await ProxyLevels.write(levels, of: found, by: cluster.kubectl)
                return .done
            }
        }
    }

    private static func setUnschedulable(
        _ flag: JSONValue, _ node: String, _ uid: String, _ cluster: Cluster
    ) async throws -> Reversion {
        try await patch(ResourcePath.node(node).path, uid, ["spec": ["unschedulable": flag]], cluster)
    }

    private static func patch(
        _ path: String, _ uid: String, _ change: JSONValue, _ cluster: Cluster
    ) async throws -> Reversion {
        try await changing(path, cluster) { found in
            guard found.uid == uid else { return .foreign }
            var change = change
            // Another object of that name since the look: a conflict, and the next look says so.
            change.set(.string(uid), at: "metadata", "uid")
            _ = try await cluster.kube.raw(
                "PATCH", path, body: change.serialized(), contentType: PatchType.merge.rawValue)
            return .done
        }
    }

    private static func delete(
        _ path: String, _ uid: String, _ mark: String?, _ cluster: Cluster
    ) async throws -> Reversion {
        try await changing(path, cluster) { found in
            if uid.isEmpty {
                guard let mark else {
                    throw ClusterError(
                        .unknown, "\(path) may be the run's own object, or another one: its journal does not say",
                        hint: "Delete it yourself if it is the run's.")
                }
                guard found.annotations[MadeObject.annotation] == mark else { return .foreign }
            } else if found.uid != uid {
                return .foreign
            }
            let options: JSONValue = [
                "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background",
                "preconditions": ["uid": .string(found.uid)],
            ]
            _ = try await cluster.kube.raw("DELETE", path, body: options.serialized())
            try await awaitGone(path, found.uid, cluster)
            return .done
        }
    }

    /// istiod may make it once more before it knows that nothing asks for it: over once it has stayed away for a while.
    private static func deleteBuilt(_ path: String, _ cluster: Cluster) async throws -> Reversion {
        let quiet = Duration.seconds(1)
        let began = ContinuousClock.now
        var absent = began
        var result = Reversion.gone
        while ContinuousClock.now - absent < quiet {
            let found: JSONValue?
            do throws(KubeError) {
                found = try JSONValue(parsing: try await cluster.kube.raw("GET", path).body)
            } catch {
                guard error.code == .notFound else { throw error }
                found = nil
            }
            if let found {
                guard found.labels[WellKnown.gatewayManaged] != nil else { return .foreign }
                guard ContinuousClock.now - began < .seconds(30) else {
                    throw ClusterError(.timeout, "\(cluster.name): \(path) is made again and again")
                }
                result = try await delete(path, found.uid, nil, cluster)
                absent = ContinuousClock.now
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        return result
    }

    /// What is made anew under the name of what is still going, or needs it, must wait for this.
    private static func awaitGone(_ path: String, _ uid: String, _ cluster: Cluster) async throws {
        let what = "\(cluster.name): \(path) gone after its deletion"
        try await awaiting(what, within: .seconds(30)) { () -> Look<Void> in
            do throws(KubeError) {
                let found = try JSONValue(parsing: try await cluster.kube.raw("GET", path).body)
                guard found.uid == uid else { return .met(()) }
                let finalizers = (found.metadata["finalizers"]?.arrayValue ?? []).compactMap(\.stringValue)
                return .notYet(
                    finalizers.isEmpty ? "it is going" : "it waits for \(finalizers.joined(separator: ", "))")
            } catch {
                guard error.code == .notFound else { throw error }
                return .met(())
            }
        }
    }

    /// Another writer at the same moment is a conflict, after which the object is looked at once more.
    private static func restore(
        _ path: String, _ uid: String, _ changes: [FieldChange], _ cluster: Cluster
    ) async throws -> Reversion {
        var attempts = 5
        while true {
            do {
                return try await changing(path, cluster) { found in
                    guard found.uid == uid else { return .foreign }
                    return try await Self.write(ObjectRestoration(of: changes, in: found), over: found, path, cluster)
                }
            } catch let error as KubeError where error.code == .conflict && attempts > 1 {
                attempts -= 1
            }
        }
    }

    private static func write(
        _ restoration: ObjectRestoration, over found: JSONValue, _ path: String, _ cluster: Cluster
    ) async throws -> Reversion {
        var left = restoration.left
        if restoration.object != found {
            do throws(KubeError) {
                // The resourceVersion that was read goes with it.
                _ = try await cluster.kube.raw("PUT", path, body: restoration.object.serialized())
            } catch {
                guard error.code == .invalid, !left.isEmpty else { throw error }
                // What others wrote does not go together with the rest as it was: it stays, and the rest with it.
                left += restoration.restored
            }
        }
        return left.isEmpty ? .done : .partly(left: left.map(\.words))
    }

    private static func replace(_ path: String, _ object: JSONValue, _ cluster: Cluster) async throws -> Reversion {
        try await changing(path, cluster) { found in
            guard found.uid == object.uid else { return .foreign }
            var wanted = object
            wanted.set(nil, at: "metadata", "resourceVersion")
            _ = try await cluster.kube.raw("PUT", path, body: wanted.serialized())
            return .done
        }
    }

    /// Looks at the object and changes it; one that is not there, or no longer, is gone.
    private static func changing(
        _ path: String, _ cluster: Cluster, _ change: (JSONValue) async throws -> Reversion
    ) async throws -> Reversion {
        do {
            return try await change(try JSONValue(parsing: try await cluster.kube.raw("GET", path).body))
        } catch let error as KubeError where error.code == .notFound {
            return .gone
        }
    }

    /// What keeps a started node from being as before; `nil` once it is Ready and none of the lifecycle's taints is left.
    package static func lack(of node: JSONValue) -> String? {
        let node = NodeView(node)
        let left = node.taintKeys.filter { $0 == WellKnown.unreachable || $0 == WellKnown.notReady }
        if node.isReady, left.isEmpty { return nil }
        return "Ready=\(node.readiness ?? "absent"), taints \(left)"
    }

    static func awaitReady(_ node: String, _ cluster: Cluster) async throws {
        try await awaiting("\(cluster.name): \(node) Ready after its start") { () -> Look<Void> in
            guard let object = try? await cluster.kube.get(.node(node)) else { return .notYet("nothing") }
            guard let lack = lack(of: object) else { return .met(()) }
            return .notYet(lack)
        }
    }

    static func awaitRegistration(_ node: String, _ cluster: Cluster) async throws {
        try await awaiting("\(cluster.name): \(node) registered after its provisioning") { () -> Look<Void> in
            do {
                _ = try await cluster.kube.get(.node(node))
                return .met(())
            } catch let error as KubeError where error.code == .notFound {
                return .notYet("no such Node")
            }
        }
    }

    private static func awaiting(
        _ what: String, within limit: Duration = .seconds(180), look: () async throws -> Look<Void>
    ) async throws {
        do {
            try await poll(until: what, within: limit, every: .milliseconds(200), look: look)
        } catch let error as PollTimeout {
            throw ClusterError(.timeout, "\(error)")
        }
    }
}
