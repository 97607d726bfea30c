import QuakeBase
package import QuakeKube
import QuakeMesh
import QuakeRecord

/// What list calls gave about a cluster, and the parameters that follow from it. Pure.
package struct ManifestInventory: Sendable, Equatable {
    /// The context.
    package var context: String
    /// As the API server says it, `v1.32.2`.
    package var version: String
    package var nodes: [JSONValue]
    /// Of every kubelet.
    package var leases: [JSONValue] = []
    /// Empty where the server does not have them, as with each of the following.
    package var gateways: [JSONValue] = []
    /// Those labelled with a Gateway's name.
    package var deployments: [JSONValue] = []
    /// Those that customise a class.
    package var configMaps: [JSONValue] = []
    package var nodePools: [JSONValue] = []
    package var budgets: [JSONValue] = []
    /// Services of the stand-in's balancers.
    package var balancers: [JSONValue] = []
    /// `--node-monitor-grace-period` in force.
    package var gracePeriod: Duration
    /// `--node-monitor-period` in force.
    package var monitorPeriod: Duration

    package init(
        context: String, version: String, nodes: [JSONValue], gracePeriod: Duration, monitorPeriod: Duration
    ) {
        self.context = context
        self.version = version
        self.nodes = nodes
        self.gracePeriod = gracePeriod
        self.monitorPeriod = monitorPeriod
    }

    /// Proposals: each option of the command line that is given has the last word.
    ///
    /// - Parameters:
    ///   - mesh: the one that is asked for; `nil` finds it out.
    ///   - gatewayClass: of the Gateway that is meant; `nil` for the mesh's own.
    ///   - named: `NAMESPACE/NAME` of the Gateway that is meant; `nil` for the first of its class.
    ///   - excluded: labels of nodes that are to be left out, in addition to control planes.
    /// - Throws: ``ManifestError`` where the mesh cannot be found out.
    package func parameters(
        mesh asked: ManifestMesh?, gatewayClass: String?, gateway named: String? = nil, excluded: [NodeLabel]
    ) throws(ManifestError) -> ManifestParameters {
        let (mesh, gateway, deployment) = try subject(asked, gatewayClass, named)
        var parameters = ManifestParameters(mesh: mesh)
        if let gatewayClass { parameters.gatewayClass = gatewayClass }
        parameters.excluded = excluded
        if let object = gateway ?? deployment {
            (parameters.gatewayNamespace, parameters.gateway) = (object.namespace, object.name)
        }
        let container = deployment?[path: "spec.template.spec.containers"]?[0]?["name"]?.stringValue
        parameters.gatewayContainer = container ?? mesh.gatewayContainer
        var cluster = cluster
        cluster.peers = gateways.filter { $0[path: "spec.gatewayClassName"]?.stringValue == IstioNames.remoteClass }
            .map(\.name).sorted()
        cluster.defaults = defaults(of: parameters.gatewayClass, in: parameters.systemNamespace)
        parameters.cluster = cluster
        if mesh != .standin, isBudgetOfIstiod(parameters) { parameters.budgetPlace = .configmap }
        let eligible = cluster.eligible(without: parameters.exclusions)
        let zones = cluster.domains(WellKnown.zone, of: eligible)
        if zones.known > 1, zones.without.isEmpty { parameters.topologyKeys.append(WellKnown.zone) }
        // Two at least; of those that are there, no more than nodes.
        let present = deployment?[path: "spec.replicas"]?.intValue ?? 2
        parameters.replicas = max(2, min(present, cluster.domains(WellKnown.hostname, of: eligible).known))
        parameters.peering = peering(mesh, gateway)
        parameters.nodePools = pools
        // One within which healthy nodes flap is no proposal, whatever the method.
        let flaps = cluster.leaseRenewal.map { gracePeriod <= $0 } ?? false
        if parameters.peering == .nodePort || flaps {
            parameters.gracePeriod = flaps ? ManifestParameters.standardGracePeriod : gracePeriod
        }
        return parameters
    }

    // MARK: - The mesh

    private func subject(
        _ asked: ManifestMesh?, _ gatewayClass: String?, _ named: String?
    ) throws(ManifestError) -> (ManifestMesh, gateway: JSONValue?, deployment: JSONValue?) {
        let meshes: [ManifestMesh] = asked.map { [$0] } ?? [.istio, .solo]
        for mesh in meshes {
            guard let standard = mesh.distribution?.gatewayClass else { continue }
            let own = gatewayClass ?? standard
            let gateway = gateways.first { object in
                object[path: "spec.gatewayClassName"]?.stringValue == own
                    && (named == nil || "\(object.namespace)/\(object.name)" == named)
            }
            guard let gateway else { continue }
            let deployment = deployments.first {
                $0.namespace == gateway.namespace && $0.labels[WellKnown.gatewayName] == gateway.name
            }
            return (mesh, gateway, deployment)
        }
        let place = named ?? "\(MeshNames.gatewayNamespace)/\(MeshNames.gateway)"
        let standin = deployments.first { "\($0.namespace)/\($0.name)" == place }
        if let asked { return (asked, nil, asked == .standin ? standin : nil) }
        if let standin { return (.standin, nil, standin) }
        throw ManifestError([
            "\(context): there is no east-west gateway (no Gateway of class "
                + "\(IstioDistribution.allCases.map(\.gatewayClass).joined(separator: " or ")), no Deployment "
                + "\(place)); say --mesh"
        ])
    }

    private func peering(_ mesh: ManifestMesh, _ gateway: JSONValue?) -> PeeringMethod {
        let isNodePort =
            mesh == .standin
            ? balancers.contains { $0.annotations[MeshNames.methodAnnotation]?.lowercased() == "nodeport" }
            : gateway?.annotations[IstioNames.ownType]?.lowercased() == "nodeport"
        return isNodePort ? .nodePort : .loadBalancer
    }

    /// Whether the Gateway's budget is one that istiod makes. It keeps its owner whoever writes to it, so that the ConfigMap
    /// is the place to change it.
    private func isBudgetOfIstiod(_ parameters: ManifestParameters) -> Bool {
        parameters.cluster?.defaults?.data["podDisruptionBudget"] != nil
            || budgets.contains { budget in
                let owners = budget.metadata["ownerReferences"]?.arrayValue ?? []
                return budget.namespace == parameters.gatewayNamespace
                    && owners.contains {
                        $0["kind"] == "Gateway" && $0["name"]?.stringValue == parameters.gateway
                    }
            }
    }

    /// The oldest ConfigMap of a class, which is the one in force.
    private func defaults(of name: String, in namespace: String) -> ManifestCluster.Defaults? {
        let oldest = configMaps.filter {
            $0.labels[WellKnown.gatewayDefaults] == name && $0.namespace == namespace
        }.min {
            ($0.metadata["creationTimestamp"]?.stringValue ?? "", $0.name)
                < ($1.metadata["creationTimestamp"]?.stringValue ?? "", $1.name)
        }
        return oldest.map { map in
            let data = map["data"]?.stringMembers ?? [:]
            return .init(
                name: map.name, data: data)
        }
    }

    // MARK: - The cluster

    private var cluster: ManifestCluster {
        let lengths = leases.compactMap { LeaseView($0).seconds }
        return ManifestCluster(
            context: context,
            nodes: Dictionary(
                nodes.map(NodeView.init).filter(Self.admits).map { ($0.name, $0.labels) },
                uniquingKeysWith: { one, _ in one }),
            leaseRenewal: lengths.max().map { Duration.seconds($0) / 4 },
            monitorPeriod: monitorPeriod, gracePeriod: gracePeriod, minor: minor)
    }

    /// Whether no taint but those that say how a node fares now keeps a pod without tolerations away.
    private static func admits(_ node: NodeView) -> Bool {
        node.taints.allSatisfy { taint in
            let key = taint["key"]?.stringValue ?? ""
            return taint["effect"] == "PreferNoSchedule" || WellKnown.isConditionTaint(key)
                || key == WellKnown.disrupted
                || key == WellKnown.controlPlaneRole
        }
    }

    private var minor: Int? {
        let parts = version.drop { $0 == "v" }.split(separator: ".")
        return parts.count > 1 ? Int(parts[1].prefix(while: \.isNumber)) : nil
    }

    /// Every pool with its age; of several of one age all but the first get another.
    private var pools: [PoolExpiry] {
        var taken: [PoolExpiry.Age] = []
        let given = nodePools.sorted { $0.name < $1.name }.map { pool in
            let text = (pool[path: "spec.template.spec.expireAfter"] ?? pool[path: NodePoolBlock.oldAge])?.stringValue
            let age = text.flatMap { PoolExpiry.Age($0) } ?? .standard
            let isFree = age == .never || !taken.contains(age)
            taken.append(age)
            return (name: pool.name, age: isFree ? age : nil, present: Optional(pool))
        }
        return PoolExpiry.staggered(given) ?? []
    }
}
