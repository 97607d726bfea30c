package import QuakeKube

/// What a drain takes from a node and nothing brings back, and what kubectl would not begin for.
package struct NodeLosses: Sendable, Equatable {
    /// `namespace/name` of pods that nothing recreates.
    package var pods: [String] = []
    /// Those whose emptyDir volumes go with them.
    package var data: [String] = []
    /// Those that the options do not allow to go, with the reason.
    package var objections: [String] = []

    /// - Parameter pods: all of the node that the drain is about.
    package init(_ pods: [JSONValue], _ filter: PodFilter) {
        for pod in pods.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) {
            let name = "\(pod.namespace)/\(pod.name)"
            switch filter.fate(of: pod) {
            case .stays: continue
            case .goes(let loss):
                if loss.contains(.pod) { self.pods.append(name) }
                if loss.contains(.data) { data.append(name) }
            case .refuses(let objection): objections.append("\(name) \(objection.words)")
            }
        }
    }

    /// What is lost, one line each.
    package var words: [String] {
        let ofPods = pods.isEmpty ? [] : ["nothing makes \(pods.joined(separator: ", ")) again (inverse: none)"]
        let ofData =
            data.isEmpty ? [] : ["emptyDir volumes are lost with \(data.joined(separator: ", ")) (inverse: none)"]
        return ofPods + ofData
    }
}
