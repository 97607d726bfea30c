import QuakeBase
package import QuakeKube

extension WorkloadPlace {
    /// Whether a pod is one of its own: by its labels, or where it has none by its owner. A Deployment owns its pods
    /// through a ReplicaSet, which is named after it and the pods' `pod-template-hash`.
    package func includes(_ pod: JSONValue) -> Bool {
        guard pod.namespace == namespace else { return false }
        guard labels.isEmpty else { return labels.allSatisfy { pod.labels[$0.key] == $0.value } }
        if kind == "pod" { return pod.name == name }
        return PodView(pod).owners.contains { owner in
            guard let ownerKind = owner["kind"]?.stringValue, let ownerName = owner["name"]?.stringValue else {
                return false
            }
            if kind == "deployment", ownerKind == "ReplicaSet", let hash = pod.labels[WellKnown.podTemplateHash] {
                return ownerName == "\(name)-\(hash)"
            }
            return ownerKind.lowercased() == kind && ownerName == name
        }
    }

    /// How many of its endpoints are ready, each pod once, whatever number of slices and Services has it.
    ///
    /// - Parameter pods: names of the pods that count; `nil`: all that its Service has.
    func readyEndpoints(in slices: [JSONValue], pods: Set<String>?) -> Int {
        var ready: Set<String> = []
        for slice in slices where slice.namespace == namespace {
            if let service, slice.labels[WellKnown.serviceName] != service { continue }
            for endpoint in EndpointView.all(of: slice) where endpoint.isReady {
                if let pods, !pods.contains(endpoint.pod ?? "") { continue }
                ready.insert(endpoint.pod ?? endpoint.address ?? "")
            }
        }
        return ready.count
    }
}
