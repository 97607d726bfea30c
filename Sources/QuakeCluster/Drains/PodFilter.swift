package import QuakeKube

/// What `kubectl drain` does with one pod of a node, by its options. Pods that `--pod-selector` leaves out are not
/// listed at all.
///
/// The rules and their order are those of kubectl's pkg/drain/filters.go (the same from 1.20 to 1.36); the first that
/// says something other than "delete" decides.
package struct PodFilter: Sendable, Equatable {
    /// `--ignore-daemonsets`.
    package var ignoreDaemonSets: Bool
    /// `--delete-emptydir-data`.
    package var deleteEmptyDirData: Bool
    /// `--force`.
    package var force: Bool

    package init(ignoreDaemonSets: Bool = true, deleteEmptyDirData: Bool = true, force: Bool = false) {
        self.ignoreDaemonSets = ignoreDaemonSets
        self.deleteEmptyDirData = deleteEmptyDirData
        self.force = force
    }

    /// Why kubectl would not begin, in kubectl's words, with the option of a plan that allows it.
    package enum Objection: Int, Sendable, Equatable, CaseIterable, Comparable {
        case daemonSet, localStorage, noController

        package var words: String {
            switch self {
            case .daemonSet: "is managed by a DaemonSet (`ignoreDaemonSets: true` allows it)"
            case .localStorage: "has local storage in an emptyDir (`deleteEmptyDirData: true` allows it)"
            case .noController:
                "declares no controller, so that nothing would make it again (`force: true` allows it)"
            }
        }

        /// In the order in which reasons are given.
        package static func < (left: Objection, right: Objection) -> Bool { left.rawValue < right.rawValue }
    }

    /// What becomes of a pod.
    package enum Fate: Sendable, Equatable {
        /// Left where it is.
        case stays
        case goes(PodLoss)
        case refuses(Objection)
    }

    /// What goes with a pod and does not come back.
    package struct PodLoss: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// Nobody makes the pod again.
        package static let pod = PodLoss(rawValue: 1)
        /// Data in its emptyDir volumes.
        package static let data = PodLoss(rawValue: 2)
    }

    /// By the first rule that applies, as kubectl goes through them.
    package func fate(of pod: JSONValue) -> Fate {
        let isFinished = ["Succeeded", "Failed"].contains(pod[path: "status.phase"]?.stringValue)
        let controller = (pod.metadata["ownerReferences"]?.arrayValue ?? [])
            .first { $0["controller"]?.boolValue ?? false }
        var loss: PodLoss = []
        if controller?["kind"]?.stringValue == "DaemonSet", !isFinished {
            return ignoreDaemonSets ? .stays : .refuses(.daemonSet)
        }
        if pod.annotations["kubernetes.io/config.mirror"] != nil { return .stays }
        let volumes = pod[path: "spec.volumes"]?.arrayValue ?? []
        if volumes.contains(where: { $0["emptyDir"] != nil }), !isFinished {
            guard deleteEmptyDirData else { return .refuses(.localStorage) }
            loss.insert(.data)
        }
        if controller == nil, !isFinished {
            guard force else { return .refuses(.noController) }
            loss.insert(.pod)
        }
        return .goes(loss)
    }
}
