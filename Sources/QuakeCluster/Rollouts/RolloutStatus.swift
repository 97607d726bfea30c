package import QuakeKube

/// How far the rollout of a workload is, by the workload's own object.
///
/// The rules are those of `kubectl rollout status` (k8s.io/kubectl, pkg/polymorphichelpers/rollout_status.go), with one more:
/// a Deployment that was scaled down is complete once no replica is too many.
package enum RolloutStatus: Sendable, Equatable {
    case complete
    /// What is still missing, in words.
    case progressing(String)
    /// It will not complete by itself, and why.
    case halted(String)

    /// What has a rollout, by the plurals of group `apps`.
    static let resources: Set<String> = ["deployments", "daemonsets", "statefulsets", "replicasets"]

    /// Of a Deployment, DaemonSet, StatefulSet or ReplicaSet; another kind has no rollout, and is complete.
    package init(of object: JSONValue) {
        let counts = Counts(object)
        self =
            switch object["kind"]?.stringValue {
            case "Deployment": Self.deployment(object, counts)
            case "DaemonSet": Self.daemonSet(object, counts)
            case "StatefulSet": Self.statefulSet(object, counts)
            case "ReplicaSet": Self.replicaSet(counts)
            default: .complete
            }
    }

    /// Numbers of `spec` and `status`; what is absent counts as Kubernetes counts it.
    private struct Counts {
        var object: JSONValue
        var replicas: Int { object[path: "spec.replicas"]?.intValue ?? 1 }
        var isObserved: Bool {
            (object.metadata["generation"]?.intValue ?? 0) <= self["observedGeneration"]
        }

        init(_ object: JSONValue) { self.object = object }

        subscript(key: String) -> Int { object["status"]?[key]?.intValue ?? 0 }
    }

    private static func deployment(_ object: JSONValue, _ counts: Counts) -> RolloutStatus {
        guard counts.isObserved else { return .progressing("the controller has not seen the change") }
        let progress = (object[path: "status.conditions"]?.arrayValue ?? [])
            .first { $0["type"]?.stringValue == "Progressing" }
        if progress?["reason"]?.stringValue == "ProgressDeadlineExceeded" {
            return .halted(progress?["message"]?.stringValue ?? "its progressDeadlineSeconds have passed")
        }
        let updated = counts["updatedReplicas"]
        if updated < counts.replicas {
            let isPaused = object[path: "spec.paused"]?.boolValue ?? false
            let words = "\(updated) of \(counts.replicas) replicas are updated"
            return isPaused ? .halted("\(words): the Deployment is paused") : .progressing(words)
        }
        let old = counts["replicas"] - updated
        if old > 0 { return .progressing("\(old) old replicas are still there") }
        if updated > counts.replicas { return .progressing("\(updated - counts.replicas) replicas are too many") }
        if counts["availableReplicas"] < updated {
            return .progressing("\(counts["availableReplicas"]) of \(updated) updated replicas are available")
        }
        return .complete
    }

    private static func daemonSet(_ object: JSONValue, _ counts: Counts) -> RolloutStatus {
        if let manual = onDelete(object, "updateStrategy") { return manual }
        guard counts.isObserved else { return .progressing("the controller has not seen the change") }
        let wanted = counts["desiredNumberScheduled"]
        if counts["updatedNumberScheduled"] < wanted {
            return .progressing("\(counts["updatedNumberScheduled"]) of \(wanted) pods are updated")
        }
        if counts["numberAvailable"] < wanted {
            return .progressing("\(counts["numberAvailable"]) of \(wanted) updated pods are available")
        }
        return .complete
    }

    private static func statefulSet(_ object: JSONValue, _ counts: Counts) -> RolloutStatus {
        if let manual = onDelete(object, "updateStrategy") { return manual }
        guard counts.isObserved, counts["observedGeneration"] > 0 else {
            return .progressing("the controller has not seen the change")
        }
        if counts["readyReplicas"] < counts.replicas {
            return .progressing("\(counts["readyReplicas"]) of \(counts.replicas) pods are ready")
        }
        if let partition = object[path: "spec.updateStrategy.rollingUpdate.partition"]?.intValue, partition > 0 {
            let wanted = max(0, counts.replicas - partition)
            return counts["updatedReplicas"] < wanted
                ? .progressing("\(counts["updatedReplicas"]) of \(wanted) pods above the partition are updated")
                : .complete
        }
        let current = object[path: "status.currentRevision"]?.stringValue
        if object[path: "status.updateRevision"]?.stringValue != current {
            return .progressing("\(counts["updatedReplicas"]) of \(counts.replicas) pods are updated")
        }
        return .complete
    }

    private static func replicaSet(_ counts: Counts) -> RolloutStatus {
        guard counts.isObserved else { return .progressing("the controller has not seen the change") }
        if counts["replicas"] > counts.replicas {
            return .progressing("\(counts["replicas"] - counts.replicas) replicas are too many")
        }
        return counts["availableReplicas"] < counts.replicas
            ? .progressing("\(counts["availableReplicas"]) of \(counts.replicas) replicas are available") : .complete
    }

    private static func onDelete(_ object: JSONValue, _ key: String) -> RolloutStatus? {
        object["spec"]?[key]?["type"]?.stringValue == "OnDelete"
            ? .halted("its update strategy is OnDelete: pods are replaced when they are deleted") : nil
    }
}
