import QuakeBase
import QuakeKube
package import QuakePlan

/// Sets `--node-monitor-grace-period` and waits until a controller manager leads that has it. Inverse: the flag as it was.
extension SetNodeMonitorGracePeriod: ClusterAction {
    package static let flag = NodeMonitoring.gracePeriodFlag

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        guard
            var mutation = try await Self.mutation(
                context.cluster, to: gracePeriod, force: force, action: context.action)
        else { return ActionOutcome(.finished, "it has this value already") }
        let (injection, plane, text) = (context.injection(of: []), context.cluster.controlPlane, gracePeriod.flagText)
        mutation.apply = {
            try await injection.during { try await plane?.setControllerManagerFlags([Self.flag: text]) }
        }
        try await context.log.mutate(mutation)
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [.nodeLeases] }

    /// The change, or `nil` where the flag has this value.
    ///
    /// - Throws: `.unsupported` where nobody can change flags, or for a value at which healthy nodes would flap.
    package static func mutation(
        _ cluster: Cluster, to gracePeriod: Duration, force: Bool, action: String
    ) async throws -> Mutation? {
        guard let controlPlane = cluster.controlPlane else {
            throw ClusterError(
                .unsupported, "\(action): the controller manager's flags of \(cluster.name) cannot be changed",
                hint: "Set --\(flag) yourself and leave the setting out of the plan.")
        }
        try await checkLease(cluster, gracePeriod, force)
        let flags = try await controlPlane.controllerManagerFlags()
        let text = gracePeriod.flagText
        guard flags[flag] != text else { return nil }
        return Mutation(
            cluster: cluster.name, action: action, about: "--\(flag)=\(text)",
            inverse: .setFlags([flag: flags[flag] ?? ""])
        ) { try await controlPlane.setControllerManagerFlags([flag: text]) }
    }

    /// A lease is renewed each quarter of its length: a grace period that is not longer makes healthy nodes NotReady.
    private static func checkLease(_ cluster: Cluster, _ gracePeriod: Duration, _ force: Bool) async throws {
        guard !force else { return }
        let leases = try await cluster.kube.list(.leases("kube-node-lease")).items
        guard let seconds = leases.compactMap({ LeaseView($0).seconds }).max() else { return }
        let renewal = Duration.seconds(seconds) / 4
        guard gracePeriod <= renewal else { return }
        throw ClusterError(
            .unsupported,
            "a grace period of \(gracePeriod.flagText) is not above the kubelets' renewal of their leases every \(renewal.flagText): healthy nodes would turn NotReady",
            hint: "If that is what you mean, say `force: true`.")
    }
}
