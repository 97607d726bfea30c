import FoundationEssentials
package import QuakeKube

/// An object that a run makes, known as its own whatever becomes of the run: by a mark until the API server has given it a
/// uid, and by the uid from then on.
///
///     journal: delete, mark          create             journal: delete, mark, uid
///     ───────────────────────────────┼──────────────────┼─────────────────────────
///     no such object: nothing made   known by its mark   known by its uid
package struct MadeObject: Sendable {
    /// Its value is the mark.
    package static let annotation = "peerquake.dev/made"

    package var cluster: Cluster
    package var path: ResourcePath
    package var object: JSONValue
    private let mark = UUID().uuidString.lowercased()

    package init(_ object: JSONValue, at path: ResourcePath, of cluster: Cluster) {
        self.object = object
        self.path = path
        self.cluster = cluster
    }

    /// Its creation. Inverse: its deletion.
    ///
    /// - Parameter create: makes the object, which has the mark by then, and returns it as stored; by default a POST.
    package func mutation(
        action: String, about: String, by create: (@Sendable (JSONValue) async throws -> JSONValue)? = nil
    ) -> Mutation {
        let (kube, path, mark) = (cluster.kube, path, mark)
        let create = create ?? { try await kube.create($0, at: path) }
        var marked = object
        marked.set(.string(mark), at: "metadata", "annotations", Self.annotation)
        let wanted = marked
        let uid = Box("")
        return Mutation(
            cluster: cluster.name, action: action, about: about,
            inverse: .delete(path: path.path, uid: "", mark: mark),
            learnt: { uid.value.isEmpty ? nil : .delete(path: path.path, uid: uid.value, mark: mark) }
        ) { uid.set(try await create(wanted).uid) }
    }
}
