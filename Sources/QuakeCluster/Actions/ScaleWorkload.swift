import QuakeKube
package import QuakePlan

/// Sets a workload's replicas. Inverse: as many as there were.
extension ScaleWorkload: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let place = try context.place(of: hosting)
        let path = ResourcePath(
            group: "apps", resource: place.kind + "s", namespace: place.namespace, name: place.name)
        let object = try await context.cluster.kube.get(path)
        let before = object[path: "spec.replicas"]?.intValue ?? 1
        let context = context.telling(context.injection(of: [place.name]))
        let kube = context.cluster.kube
        let wanted = JSONValue.int(Int64(replicas))
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "scale \(path) to \(replicas)",
                objectUID: object.uid,
                inverse: .scale(
                    namespace: place.namespace, kind: place.kind, name: place.name, uid: object.uid, replicas: before)
            ) { try await kube.patch(path, ["spec": ["replicas": wanted]]) })
        context.rollouts.began(RolloutProgress.Workload(path: path, uid: object.uid, hasNewTemplate: false))
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { place.workload(hosting) }
}
