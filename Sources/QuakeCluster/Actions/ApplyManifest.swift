import QuakeKube
package import QuakePlan

/// Creates or changes the objects of a manifest, which is one of the plan's attachments. Inverse: each as it was, or gone.
extension ApplyManifest: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        guard let text = context.attachments[file] else {
            throw ClusterError(.failed, "\(file): it was not read with the plan")
        }
        let objects = try JSONValue.manifests(text, file: file).flatMap(Self.objects)
        let injection = context.injection(of: objects.map(\.name))
        for object in objects { try await apply(object, context.telling(injection, on: object.name)) }
        return .finished
    }

    /// What cannot be read is told when it is applied.
    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        guard let text = place.attachments[file], let documents = try? JSONValue.manifests(text, file: file) else {
            return []
        }
        return documents.flatMap(Self.objects).compactMap { object in
            (try? ResourcePath(manifest: object)).map {
                RightsAsk(.manifest(group: $0.group, resource: $0.resource), in: $0.namespace.map { [$0] } ?? [])
            }
        }
    }

    /// The objects of a List, which the API server does not know; any other object is alone.
    static func objects(of object: JSONValue) -> [JSONValue] {
        guard object["kind"]?.stringValue == "List" else { return [object] }
        return (object["items"]?.arrayValue ?? []).flatMap(objects)
    }

    private func apply(_ object: JSONValue, _ context: ActionContext) async throws {
        let kube = context.cluster.kube
        let path = try ResourcePath(manifest: object)
        let before: JSONValue?
        do throws(KubeError) {
            before = try await kube.get(path)
        } catch {
            guard error.code == .notFound else { throw error }
            before = nil
        }
        guard let before else {
            return try await context.log.mutate(
                MadeObject(object, at: path, of: context.cluster)
                    .mutation(action: context.action, about: "apply \(path)"))
        }
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "apply \(path)",
                objectUID: before.uid, inverse: .replace(path: path.path, object: Self.essence(of: before))
            ) { try await kube.patch(path, object, type: .strategic) })
    }

    /// An object without what the server writes.
    private static func essence(of object: JSONValue) -> JSONValue {
        var copy = object
        copy["status"] = nil
        for field in ["resourceVersion", "managedFields", "creationTimestamp", "generation"] {
            copy.set(nil, at: "metadata", field)
        }
        return copy
    }
}
