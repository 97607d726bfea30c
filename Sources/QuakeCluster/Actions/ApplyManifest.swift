import QuakeKube
package import QuakePlan

/// Creates or changes the objects of a manifest, which is one of the plan's attachments, one after another by kubectl.
/// Inverse: each changed field as it was, each made object gone.
///
///     look ─ predict ─ journal ─ synced ─ mirrored ─ kubectl apply ─ journal: what it really changed
extension ApplyManifest: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let objects = try ManifestObject.all(of: text(in: context.attachments), file: file)
        let injection = context.injection(of: objects.map(\.object.name))
        for object in objects {
            do {
                try await apply(object, injection, context)
            } catch let error as KubeError where error.isRefusal {
                throw ClusterError(.failed, "\(place(of: object)): \(error)")
            }
        }
        return .finished
    }

    /// Of what the server does not have it needs none: that is told with the manifest's trial.
    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        guard let text = place.attachments[file], let objects = try? ManifestObject.all(of: text, file: file) else {
            return []
        }
        var asks: [RightsAsk] = []
        for object in objects {
            guard let path = try? await place.cluster.kube.path(for: object.object) else { continue }
            asks.append(
                RightsAsk(
                    .manifest(group: path.group, resource: path.resource), in: path.namespace.map { [$0] } ?? []))
            if BuiltObjects.areCaused(by: object.object) { asks += BuiltObjects.rights }
        }
        return asks
    }

    package func refusal(on cluster: Cluster) async throws -> ClusterError? {
        guard serverSide, try await !cluster.kube.hasServerSideApply() else { return nil }
        return ClusterError(
            .unsupported, "apply: \(cluster.name) has no server-side apply", hint: "Leave \"serverSide: true\" out.")
    }

    // MARK: - One object

    private func apply(_ wanted: ManifestObject, _ injection: Injection, _ context: ActionContext) async throws {
        let cluster = context.cluster
        let path = try await cluster.kube.path(for: wanted.object)
        try await foresee(wanted.object, at: path, context)
        var call = self.call(wanted.object, at: path, on: cluster)
        guard let before = try await cluster.kube.find(path) else {
            return try await context.log.mutate(
                MadeObject(call.object, at: path, of: cluster).mutation(
                    action: context.action, about: "apply \(path)"
                ) { [call] marked in
                    var made = call
                    made.object = marked
                    return try await carryOut(made, at: path, wanted, injection, context, before: nil)
                })
        }
        // The mark of what this run made is part of what kubectl applied, and would be taken off.
        if let mark = before.annotations[MadeObject.annotation] {
            call.object.set(.string(mark), at: "metadata", "annotations", MadeObject.annotation)
        }
        let expected = await call.prediction() ?? ThreeWayMerge.merged(call.object, into: before)
        let changes = Box<[FieldChange]?>(nil)
        let inverse: @Sendable ([FieldChange]) -> Inverse = {
            .restore(path: path.path, uid: before.uid, changes: $0)
        }
        try await context.log.mutate(
            Mutation(
                cluster: cluster.name, action: context.action, about: "apply \(path)", objectUID: before.uid,
                inverse: inverse(ObjectDifference.changes(from: before, to: expected)),
                learnt: { changes.value.map(inverse) }
            ) { [call] in
                let after = try await carryOut(call, at: path, wanted, injection, context, before: before)
                changes.set(ObjectDifference.changes(from: before, to: after))
            })
    }

    /// A ConfigMap of a GatewayClass lets istiod make budgets and autoscalers of gateways, and nobody deletes these with it. Those
    /// that are not there yet are journalled before it is applied, so that they go after it.
    private func foresee(_ object: JSONValue, at path: ResourcePath, _ context: ActionContext) async throws {
        guard BuiltObjects.areCaused(by: object), let gatewayClass = object.labels[WellKnown.gatewayDefaults] else {
            return
        }
        let cluster = context.cluster
        for built in try await BuiltObjects(ofClass: gatewayClass, on: cluster)
            .paths(keys: Set((object["data"]?.objectValue ?? [:]).keys))
        where try await cluster.kube.find(built) == nil {
            try await context.log.mutate(
                Mutation(
                    cluster: cluster.name, action: context.action, about: "what istiod makes at \(built)",
                    inverse: .deleteBuilt(path: built.path, cause: path.path)
                ) {})
        }
    }

    /// The call for an object of this step's manifest.
    func call(_ object: JSONValue, at path: ResourcePath, on cluster: Cluster) -> KubectlApply {
        var placed = object
        placed.set(path.namespace.map { .string($0) }, at: "metadata", "namespace")
        return KubectlApply(placed, on: cluster, serverSide: serverSide, forceConflicts: forceConflicts)
    }

    /// - Returns: the object as the server made it.
    private func carryOut(
        _ call: KubectlApply, at path: ResourcePath, _ wanted: ManifestObject, _ injection: Injection,
        _ context: ActionContext, before: JSONValue?
    ) async throws -> JSONValue {
        let made = Box(JSONValue.null)
        try await injection.during(wanted.object.name) {
            let from = EffectInterval.now
            let result = try await call.run()
            let to = EffectInterval.now
            context.log.keep(
                KubectlApply.evidence(of: result),
                about: "\(context.action) \(wanted.object.kind) \(KubectlApply.place(of: call.object))")
            guard result.succeeded else {
                throw ClusterError(
                    result.timedOut ? .timeout : .failed, "\(place(of: wanted)): \(KubectlApply.reason(of: result))")
            }
            let after = try JSONValue(parsing: result.standardOutput)
            made.set(after)
            // What is as it was wanted already is not written.
            return after.resourceVersion == before?.resourceVersion ? nil : EffectInterval(from: from, to: to)
        }
        tellRollout(of: made.value, at: path, before: before, context)
        return made.value
    }

    /// A workload whose `spec` is another one rolls out, which the step waits for.
    private func tellRollout(
        of after: JSONValue, at path: ResourcePath, before: JSONValue?, _ context: ActionContext
    ) {
        let isWorkload = path.group == "apps" && RolloutStatus.resources.contains(path.resource)
        guard isWorkload, after.metadata["generation"] != before?.metadata["generation"] else { return }
        let hasNewTemplate = before.map { $0[path: "spec.template"] != after[path: "spec.template"] } ?? false
        context.rollouts.began(
            RolloutProgress.Workload(path: path, uid: after.uid, hasNewTemplate: hasNewTemplate))
    }

    private func text(in attachments: Attachments) throws(ClusterError) -> String {
        guard let text = attachments[file] else {
            throw ClusterError(.failed, "\(file): it was not read with the plan")
        }
        return text
    }

    /// `gateways.yaml:7:1: Gateway demo/east`.
    func place(of object: ManifestObject) -> String {
        "\(file):\(object.line):\(object.column): \(object.object.kind) \(KubectlApply.place(of: object.object))"
    }
}
