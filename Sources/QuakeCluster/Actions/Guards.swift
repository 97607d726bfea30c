import QuakeKube
import QuakePlan

/// What a plan must say that it expects before it is done.
enum Guards {
    /// - Throws: `.guarded` if these nodes run the last ready gateways, or a majority of the control planes.
    static func check(_ context: ActionContext) throws(ClusterError) {
        guard !context.expectOutage, let observer = context.observer else { return }
        let doomed = Set(context.nodes.map(\.name))
        if let place = context.peering.place(of: .gateway) {
            let hosts = observer.pods(at: place).filter { $0.condition("Ready") == "True" }
                .compactMap { $0[path: "spec.nodeName"]?.stringValue }
            if !hosts.isEmpty, hosts.allSatisfy(doomed.contains) {
                throw ClusterError(
                    .guarded,
                    "\(context.action): \(doomed.sorted().joined(separator: ", ")) run the last ready gateways",
                    hint: "If that is what you mean, say `expectOutage: true`.")
            }
        }
        let planes = observer.nodes.filter { $0.labels["node-role.kubernetes.io/control-plane"] != nil }.map(\.name)
        let left = planes.count { !doomed.contains($0) }
        if left < planes.count, left * 2 <= planes.count {
            throw ClusterError(
                .guarded,
                "\(context.action): \(left) of \(planes.count) control planes would be left: etcd has no quorum",
                hint: "If that is what you mean, say `expectOutage: true`.")
        }
    }
}
