package import QuakePlan

/// What carries an action out: its type, declared in QuakePlan, conforms here. An action of the registry without this can be
/// planned and not be run.
package protocol ClusterAction: PlanAction {
    /// Does it. Before, ``carryOut(_:)`` has held it against its traits.
    func run(_ context: ActionContext) async throws -> ActionOutcome

    /// Rights that it needs on a cluster, beside those of every run.
    func rights(_ place: RightsPlace) async -> [RightsAsk]

    /// Why it cannot be done on a cluster at all, told before anything is changed; `nil` where it can.
    func refusal(on cluster: Cluster) async throws -> ClusterError?

    /// Why it cannot be done with a mesh, told before anything is changed; `nil` where it can.
    func refusal(by peering: any Peering) -> ClusterError?

    /// What it takes from nodes that nothing brings back, by what the watches show now: a line each, for a dry run.
    func losses(on nodes: [NodeTarget], _ observer: ClusterObserver) -> [String]
}

extension ClusterAction {
    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [] }

    package func refusal(by peering: any Peering) -> ClusterError? { nil }

    package func losses(on nodes: [NodeTarget], _ observer: ClusterObserver) -> [String] { [] }

    /// By the traits alone.
    package func refusal(on cluster: Cluster) async throws -> ClusterError? {
        let declaration = Self.declaration
        if declaration.traits.contains(.needsPower), cluster.power == nil {
            return .noPower(over: cluster.name, declaration.name)
        }
        if declaration.traits.contains(.needsControlPlane), cluster.controlPlane == nil {
            return .noFlags(of: cluster.name)
        }
        return nil
    }

    /// Does it, where its traits and the plan allow it.
    ///
    /// - Throws: `.unsupported` where nobody can switch nodes and it must be able to; `.guarded` where it would take down the
    ///   last gateways or the quorum of etcd, and the plan does not expect that.
    package func carryOut(_ context: ActionContext) async throws -> ActionOutcome {
        let traits = Self.declaration.traits
        if traits.contains(.needsPower) { _ = try context.power() }
        if traits.contains(.downsNodes) { try Guards.check(context) }
        return try await run(context)
    }
}

extension Action {
    /// What carries it out; `nil` for what the runner does itself, and for what is not available.
    package var implementation: (any ClusterAction)? {
        if case .declared(let action) = self { action as? any ClusterAction } else { nil }
    }
}

extension ClusterError {
    /// `.unsupported`: the environment of this cluster cannot switch nodes off or on.
    package static func noPower(over cluster: String, _ action: String) -> ClusterError {
        ClusterError(
            .unsupported, "\(action): nodes of \(cluster) cannot be switched off or on",
            hint: "Use drain, cordon or delete-pods, or run the plan on kind or embedded clusters.")
    }

    /// `.unsupported`: the environment of this cluster cannot change the controller manager's flags.
    package static func noFlags(of cluster: String) -> ClusterError {
        ClusterError(
            .unsupported, "the controller manager's flags of \(cluster) cannot be changed",
            hint: "Set --node-monitor-grace-period yourself and leave it out of the plan.")
    }
}
