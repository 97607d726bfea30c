import QuakeBase
package import QuakeKube
import QuakePlan

/// How fast a cluster notices a dead node, as its control plane and its leases say.
package enum NodeMonitoring {
    /// Without its dashes.
    package static let gracePeriodFlag = "node-monitor-grace-period"

    /// Flags of the controller manager that are set, without their dashes.
    ///
    /// - Throws: ``ClusterError`` where nobody can see them.
    package static func flags(of cluster: Cluster) async throws -> [String: String] {
        if let controlPlane = cluster.controlPlane { return try await controlPlane.controllerManagerFlags() }
        let pods = try await cluster.kube.list(
            .pods("kube-system"), labels: "component=kube-controller-manager"
        ).items
        guard let pod = pods.first else {
            throw ClusterError(
                .unsupported,
                "\(cluster.name): no pod in kube-system is a controller manager, whose flags would show it"
            )
        }
        return flags(of: pod)
    }

    /// `--name=value` of a pod's first container.
    package static func flags(of pod: JSONValue) -> [String: String] {
        let parts = ["command", "args"].flatMap { pod.at("spec", "containers", 0, $0)?.arrayValue ?? [] }
        var flags: [String: String] = [:]
        for text in parts.compactMap(\.stringValue) where text.hasPrefix("--") {
            let halves = text.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            if halves.count == 2 { flags[halves[0]] = halves[1] }
        }
        return flags
    }

    /// `--node-monitor-grace-period`, else Kubernetes' default: 50 s, and 40 s before 1.32.
    ///
    /// - Parameter version: as the API server says it, `v1.32.2`.
    package static func gracePeriod(_ flags: [String: String], version: String) -> Duration {
        if let flag = flags[gracePeriodFlag].flatMap(GoDuration.parse) { return flag }
        let numbers = version.drop { $0 == "v" }.split(separator: ".").map { Int($0.prefix(while: \.isNumber)) ?? 0 }
        let (major, minor) = (numbers.first ?? 1, numbers.count > 1 ? numbers[1] : 0)
        return .seconds((major, minor) < (1, 32) ? 40 : 50)
    }

    /// `--node-monitor-period`, else Kubernetes' default.
    package static func monitorPeriod(_ flags: [String: String]) -> Duration {
        flags["node-monitor-period"].flatMap(GoDuration.parse) ?? .seconds(5)
    }

    /// A kubelet renews its lease each quarter of its length; `nil` where there is none.
    package static func leaseRenewal(of cluster: Cluster) async throws -> Duration? {
        let leases = try await cluster.kube.list(.leases("kube-node-lease")).items
        return leases.compactMap { LeaseView($0).seconds }.max().map { Duration.seconds($0) / 4 }
    }
}
