import QuakeBase
import QuakeKube
package import QuakePlan

/// Deletes pods of a workload; their controller makes new ones. Inverse: none.
extension DeletePods: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let place = try context.place(of: hosting)
        var pods = context.observer?.pods(at: place).filter { !$0.isBeingDeleted } ?? []
        guard !pods.isEmpty else { throw ClusterError(.noTargets, "\(hosting): no pod in \(place.namespace)") }
        if let count {
            var generator = SeededGenerator(seed: context.seed)
            pods = Array(pods.shuffled(using: &generator).prefix(count))
        }
        let injection = context.injection(of: pods.map(\.name))
        try await context.log.mutate(pods.map { injection.timing(deletion(of: $0, context), on: $0.name) })
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        place.peering.place(of: hosting).map { [RightsAsk(.podDeletion, in: [$0.namespace])] } ?? []
    }

    private func deletion(of pod: JSONValue, _ context: ActionContext) -> Mutation {
        let kube = context.cluster.kube
        return Mutation(
            cluster: context.cluster.name, action: context.action, about: "delete pod \(pod.name)",
            object: ObjectReference(
                apiVersion: "v1", kind: "Pod", namespace: pod.namespace, name: pod.name, uid: pod.uid),
            inverse: .none
        ) { [gracePeriod] in
            try await kube.delete(.pod(pod.namespace, pod.name), uid: pod.uid, gracePeriod: gracePeriod)
        }
    }
}
