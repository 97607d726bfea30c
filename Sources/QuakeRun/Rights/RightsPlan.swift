package import QuakeCluster
package import QuakePlan

/// What a plan needs rights for, cluster by cluster.
package struct RightsPlan: Sendable {
    package var plan: Plan
    package var clusters: [String: Cluster]
    package var peering: any Peering
    /// Whether the mesh is Istio, and not the stand-in.
    package var isIstio: Bool
    /// Whether it peers via NodePort by Gateways that it makes, as open-source Istio does.
    package var makesGateways: Bool
    package var probesFromPods: Bool
    package var meshLogs: MeshLogs

    package init(
        plan: Plan, clusters: [String: Cluster], peering: any Peering, isIstio: Bool, makesGateways: Bool = false,
        probesFromPods: Bool, meshLogs: MeshLogs = .unchanged
    ) {
        self.meshLogs = meshLogs
        self.plan = plan
        self.clusters = clusters
        self.peering = peering
        self.isIstio = isIstio
        self.makesGateways = makesGateways
        self.probesFromPods = probesFromPods
    }

    /// What asks for a need.
    package struct Ask: Sendable, Equatable {
        /// In words.
        package var purpose: String
        /// Rights in these alone are enough; empty: they are needed in all of the cluster.
        package var namespaces: Set<String> = []
    }

    /// Need → what asks for it, of one cluster.
    package func needs(of cluster: Cluster) async -> [RightsNeed: Ask] {
        let mesh = Set([Hosting.gateway, .istiod, .backend].compactMap { peering.place(of: $0)?.namespace })
        var needs: [RightsNeed: Ask] = [
            .run: Ask(purpose: "every run"), .mesh: Ask(purpose: "every run", namespaces: mesh),
        ]
        needs[isIstio ? .istio : .standin] =
            isIstio ? Ask(purpose: "Istio") : Ask(purpose: "the stand-in's records", namespaces: mesh)
        let place = RightsPlace(cluster: cluster, peering: peering, attachments: plan.attachments)
        if probesFromPods { needs[.podProber] = Ask(purpose: "--probe-from pod") }
        if meshLogs == .debug {
            needs[.meshLogs] = Ask(purpose: "--mesh-logs debug", namespaces: mesh)
            needs[.ztunnel] = Ask(purpose: "--mesh-logs debug", namespaces: mesh)
        }
        for cell in plan.cells {
            if cell.settings.peering != nil {
                needs[isIstio ? .gatewaySetting : .serviceSetting] = Ask(purpose: "peering", namespaces: mesh)
            }
            if makesGateways, cell.settings.peering == .nodePort {
                needs[.gatewayCreation] = Ask(purpose: "peering via NodePort", namespaces: mesh)
                needs[.ztunnel] = Ask(purpose: "peering via NodePort", namespaces: mesh)
            }
            if cell.settings.externalTrafficPolicy != nil {
                needs[.serviceSetting] = Ask(purpose: "externalTrafficPolicy", namespaces: mesh)
            }
            if cell.settings.nodeMonitorGracePeriod != nil {
                needs[.nodeLeases] = Ask(purpose: "nodeMonitorGracePeriod", namespaces: ["kube-node-lease"])
            }
            // Whoever dials is another cluster than the one whose nodes are selected.
            if makesGateways, (Self.actions(of: cell.steps) + cell.always).contains(where: \.selectsDialled) {
                needs[.ztunnel] = Ask(purpose: "nodes: {dialled: …}", namespaces: mesh)
            }
            for action in Self.actions(of: cell.steps) + cell.always where concerns(action, cluster.name) {
                if makesGateways, action.selectsCarriers {
                    needs[.ztunnel] = Ask(purpose: "nodes: {carrying: …}", namespaces: mesh)
                }
                for ask in await action.implementation?.rights(place) ?? [] {
                    needs[ask.need, default: Ask(purpose: action.name, namespaces: ask.namespaces)].namespaces
                        .formUnion(ask.namespaces)
                }
            }
        }
        return needs
    }

    /// An action that takes over another step's targets may be about any cluster.
    private func concerns(_ action: Action, _ cluster: String) -> Bool {
        if case .select(let named, _) = action.nodeTargets { return named == cluster }
        return action.namedCluster.map { $0 == cluster } ?? true
    }

    private static func actions(of steps: [Step]) -> [Action] {
        steps.flatMap { step -> [Action] in
            switch step.body {
            case .action(let action): [action]
            case .parallel(let children): actions(of: children)
            }
        }
    }
}

extension Action {
    fileprivate var selectsCarriers: Bool {
        if case .select(_, let selector)? = nodeTargets { selector.carrying != nil } else { false }
    }

    fileprivate var selectsDialled: Bool {
        if case .select(_, let selector)? = nodeTargets { selector.dialled != nil } else { false }
    }
}
