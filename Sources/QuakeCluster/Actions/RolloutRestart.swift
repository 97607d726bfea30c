import FoundationEssentials
import QuakeBase
import QuakeKube
package import QuakePlan

/// Replaces all pods of a workload as `kubectl rollout restart` does. Inverse: the template as it was, which rolls again.
extension RolloutRestart: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let place = try context.place(of: hosting)
        let path = ResourcePath(
            group: "apps", resource: place.kind + "s", namespace: place.namespace, name: place.name)
        let object = try await context.cluster.kube.get(path)
        let before = object[path: "spec.template"]?.annotations[WellKnown.restartedAt]
        let context = context.telling(context.injection(of: [place.name]))
        let kube = context.cluster.kube
        let change = Self.patch(.string(Date.now.formatted(.iso8601)))
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "restart \(path)", objectUID: object.uid,
                inverse: .patch(
                    path: path.path, uid: object.uid, patch: Self.patch(before.map { .string($0) } ?? .null))
            ) { try await kube.patch(path, change) })
        context.rollouts.began(RolloutProgress.Workload(path: path, uid: object.uid, hasNewTemplate: true))
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { place.workload(hosting) }

    private static func patch(_ value: JSONValue) -> JSONValue {
        ["spec": ["template": ["metadata": ["annotations": [WellKnown.restartedAt: value]]]]]
    }
}
