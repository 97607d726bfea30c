import FoundationEssentials
import QuakeBase
import QuakeKube
package import QuakePlan

/// Adds a pod, sees who knows of it and when, and takes it away again. Inverse: the pod's deletion.
///
///     POST ── ready endpoint ──┬── who knows? ──┬── DELETE ──┬── who knows? ──┬── the next one, or until the last is gone
///                              └─ within … ─────┘            └─ within … ─────┘
///
/// The pod is made of the template of the workload, and belongs to no controller: nothing else of the workload changes.
extension MeasurePropagation: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let measurement = try await PropagationMeasurement(self, context)
        context.log.changed(cluster: context.cluster.name, targets: [])
        for round in 1...rounds {
            let outcome = try await measurement.run(round)
            guard outcome.outcome == .finished else { return outcome }
        }
        try await measurement.awaitGone()
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        place.peering.place(of: hosting).map { [RightsAsk(.madePods, in: [$0.namespace])] } ?? []
    }

    package func refusal(by peering: any Peering) -> ClusterError? {
        guard change == .target else { return nil }
        let unknown = "what this mesh's clients know of its gateways cannot be read yet"
        let found: String? = if let mesh = peering as? any TargetViews { mesh.targetObstacle } else { unknown }
        guard let obstacle = found else { return nil }
        return ClusterError(
            .unsupported, "measure-propagation: \(obstacle)",
            hint: "Use \"change: endpoint\", whose arrival requests show, or the stand-in mesh.")
    }

    /// The part of the mesh that gains a pod.
    var hosting: Hosting { change == .target ? .gateway : .backend }
}

/// One step's measurement.
struct PropagationMeasurement: Sendable {
    /// Records are read every half a second: what came in time is known by then.
    private static let readingLag = Duration.milliseconds(1500)
    private static let pause = Duration.milliseconds(20)

    private let action: MeasurePropagation
    private let context: ActionContext
    private let place: WorkloadPlace
    private let template: JSONValue
    private let views: [Propagation.View]
    private let made = Box<[String]>([])

    private var kube: KubeClient { context.cluster.kube }

    /// - Throws: `.noTargets` where nobody can be seen to know of the change.
    init(_ action: MeasurePropagation, _ context: ActionContext) async throws {
        self.action = action
        self.context = context
        place = try context.place(of: action.hosting)
        views = try await Self.views(action, context)
        let workload = try await context.cluster.kube.get(
            ResourcePath(group: "apps", resource: place.kind + "s", namespace: place.namespace, name: place.name))
        template = workload[path: "spec.template"] ?? .null
    }

    private static func views(_ action: MeasurePropagation, _ context: ActionContext) async throws -> [Propagation.View]
    {
        let cluster = context.cluster
        guard action.change == .target else {
            let lanes = context.log.arrivals.lanes(to: cluster.name)
            guard !lanes.isEmpty else {
                throw ClusterError(.noTargets, "no lane sends requests to \(cluster.name) over fresh connections now")
            }
            return lanes
        }
        if let refusal = action.refusal(by: context.peering) { throw refusal }
        guard let mesh = context.peering as? any TargetViews else { return [] }
        let others = context.clusters.values.filter { $0.name != cluster.name }.sorted { $0.name < $1.name }
        let found = try await mesh.targetViews(of: cluster, from: others)
        for view in found { view.obstacle.map { context.log.note("not measured: \($0)") } }
        guard !found.isEmpty else {
            throw ClusterError(.noTargets, "no cluster of the plan is a client of \(cluster.name)")
        }
        return found.filter { $0.obstacle == nil }.map(\.view)
    }

    // MARK: - One round

    func run(_ round: Int) async throws -> ActionOutcome {
        guard !views.isEmpty else { return .finished }
        let node = try chosenNode()
        let pod = "\(place.name)-measured-\(UUID().uuidString.prefix(8).lowercased())"
        let path = ResourcePath.pod(place.namespace, pod)
        try await context.log.mutate(
            MadeObject(object(pod, on: node), at: path, of: context.cluster)
                .mutation(action: context.action, about: "add pod \(pod) on \(node.name)"))
        made.set(made.value + [pod])
        let added: EffectInterval
        switch try await awaitReady(pod) {
        case .success(let interval): added = interval
        case .failure(let obstacle):
            try await remove(path)
            return ActionOutcome(.failed, obstacle.words)
        }
        let known = try await awaitViews(views, .added, pod, node.name, round, during: added)
        let removed = try await remove(path)
        guard action.change == .target else { return .finished }
        // What never knew of the node cannot forget it.
        _ = try await awaitViews(known, .removed, pod, node.name, round, during: removed)
        return .finished
    }

    /// Waits for each view, and records what came of it.
    ///
    /// - Returns: those at which it arrived.
    private func awaitViews(
        _ views: [Propagation.View], _ direction: Propagation.Direction, _ pod: String, _ node: String, _ round: Int,
        during made: EffectInterval
    ) async throws -> [Propagation.View] {
        let deadline = made.from + (action.within + Self.readingLag).inNanoseconds
        let name = context.cluster.name
        var open = views
        var known: [Propagation.View] = []
        while !open.isEmpty {
            let isLast = EffectInterval.now >= deadline
            var left: [Propagation.View] = []
            for view in open {
                let seen = context.log.arrivals.moment(direction, node: node, pod: pod, of: name, at: view)
                guard seen != nil || isLast else {
                    left.append(view)
                    continue
                }
                let change = MeasuredChange(
                    change: action.change, direction: direction, view: view, round: round, cluster: name, pod: pod,
                    node: node, made: made, seen: seen, within: action.within)
                if context.log.measured(change) { known.append(view) }
            }
            open = left
            if !open.isEmpty { try await context.log.pause(Self.pause) }
        }
        return known
    }

    // MARK: - The pod

    private func object(_ name: String, on node: NodeView) -> JSONValue {
        var pod: JSONValue = ["apiVersion": "v1", "kind": "Pod"]
        pod["metadata"] = template["metadata"] ?? [:]
        pod["spec"] = template["spec"] ?? [:]
        pod.set(.string(name), at: "metadata", "name")
        pod.set(.string(place.namespace), at: "metadata", "namespace")
        pod.set(.string(node.name), at: "spec", "nodeName")
        return pod
    }

    /// - Throws: `.noTargets` where no node will do.
    private func chosenNode() throws(ClusterError) -> NodeView {
        guard let observer = context.observer else {
            throw ClusterError(.noTargets, "no cluster \(context.cluster.name)")
        }
        let pods = observer.pods(at: place).map { PodView($0) }
        // Those of earlier rounds end meanwhile: they are no targets any more.
        let own = Set(made.value)
        let hosts = Set(pods.filter { !$0.isFinished && !own.contains($0.name) }.compactMap(\.node))
        let ready = observer.nodes.map { NodeView($0) }.filter { $0.isReady && !$0.isCordoned && $0.internalIP != nil }
        if action.change == .endpoint {
            // Where the backend runs already there is no fault that others do not have.
            let serving = Set(pods.filter { $0.isReady && !$0.isBeingDeleted }.compactMap(\.node))
            guard let node = ready.first(where: { serving.contains($0.name) }) else {
                throw ClusterError(
                    .noTargets, "\(context.cluster.name): no Ready node runs a ready pod of \(action.hosting)")
            }
            return node
        }
        let arrivals = context.log.arrivals
        let free = ready.filter { node in
            !hosts.contains(node.name) && tolerates(node)
                && !views.contains { arrivals.shows(node: node.name, of: context.cluster.name, at: $0) }
                && (node.labels[WellKnown.excludeFromLoadBalancers] == nil || !views.contains(.healthCheck))
        }
        // A control-plane node only where no worker is left.
        guard let node = free.first(where: { !$0.isControlPlane }) ?? free.first else {
            throw ClusterError(
                .noTargets,
                "\(context.cluster.name): every Ready node runs a gateway, is cordoned or tainted, or is a target that the "
                    + "clients still know", hint: "Scale the gateways down first, or add a worker.")
        }
        return node
    }

    /// Whether the pod may run there. The taint of control planes is no obstacle: the scheduler is not asked, and it ends no
    /// pod that is there.
    private func tolerates(_ node: NodeView) -> Bool {
        let tolerations = template[path: "spec.tolerations"]?.arrayValue ?? []
        return node.taints.allSatisfy { taint in
            let key = taint["key"]?.stringValue ?? ""
            if taint["effect"]?.stringValue == "PreferNoSchedule" { return true }
            if [WellKnown.controlPlaneRole, WellKnown.oldControlPlaneRole].contains(key),
                taint["effect"]?.stringValue == "NoSchedule"
            {
                return true
            }
            return tolerations.contains { toleration in
                let own = toleration["key"]?.stringValue ?? ""
                let effect = toleration["effect"]?.stringValue ?? ""
                let isSame = own == key || (own.isEmpty && toleration["operator"]?.stringValue == "Exists")
                let isValue =
                    toleration["operator"]?.stringValue == "Exists"
                    || (toleration["value"]?.stringValue ?? "") == (taint["value"]?.stringValue ?? "")
                return isSame && isValue && (effect.isEmpty || effect == taint["effect"]?.stringValue)
            }
        }
    }

    /// Why a pod is of no use.
    private struct Obstacle: Error {
        var words: String
    }

    /// Waits until the pod is a ready endpoint.
    ///
    /// - Returns: between which looks it became one.
    private func awaitReady(_ pod: String) async throws -> Result<EffectInterval, Obstacle> {
        var last = EffectInterval.now
        let deadline = last + MeasurePropagation.patience.inNanoseconds
        while true {
            let now = EffectInterval.now
            if context.observer?.readyEndpoints(of: place, amongst: [pod]) == 1 {
                return .success(EffectInterval(from: last, to: now))
            }
            let found = context.observer?.pods(at: place).first { $0.name == pod }.map { PodView($0) }
            let words = "pod \(pod) is not a ready endpoint: \(found?.phase ?? "it is not there")"
            if found?.isFinished == true { return .failure(Obstacle(words: words)) }
            guard now < deadline else {
                return .failure(
                    Obstacle(words: "\(words), after \(Quantity.text(MeasurePropagation.patience))"))
            }
            last = now
            try await context.log.pause(Self.pause)
        }
    }

    /// - Returns: while the DELETE was under way.
    @discardableResult
    private func remove(_ path: ResourcePath) async throws -> EffectInterval {
        let interval = Box(EffectInterval(from: EffectInterval.now, to: EffectInterval.now))
        _ = try await context.log.undo(
            context.cluster.name,
            matching: { if case .delete(path.path, _, _) = $0 { true } else { false } },
            by: {
                do {
                    interval.set(try await EffectInterval.of { try await kube.delete(path) })
                } catch let error as KubeError where error.code == .notFound {
                    interval.set(EffectInterval(from: interval.value.from, to: EffectInterval.now))
                }
            })
        return interval.value
    }

    /// Pods end within their grace period: none is left when the step is over.
    func awaitGone() async throws {
        let names = Set(made.value)
        let deadline = EffectInterval.now + MeasurePropagation.patience.inNanoseconds
        while let left = context.observer?.pods(at: place).filter({ names.contains($0.name) }), !left.isEmpty {
            guard EffectInterval.now < deadline else {
                return context.log.note(
                    "still being deleted after \(Quantity.text(MeasurePropagation.patience)): "
                        + left.map(\.name).joined(separator: ", "))
            }
            try await context.log.pause(Self.pause)
        }
    }
}
