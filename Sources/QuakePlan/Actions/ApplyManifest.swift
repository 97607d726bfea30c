/// `kubectl apply -f`, of a file of ``Plan/attachments``.
package struct ApplyManifest: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "apply", summary: "Applies a manifest; its path is relative to the plan's folder.",
        example: "apply: {cluster: west, file: manifests/gateway-pdb-one.yaml}",
        inverse: InverseWords(
            "restores the objects that it changed, deletes those that it made", step: "each object as it was, or gone"),
        traits: [.fault, .rollsOut], takes: .cluster, keys: [fileKey.key, RolloutWait.key.key])

    private static let fileKey = Key.manifest(
        required: "file", help: "A manifest of one object or more, relative to the plan's folder.")

    package var cluster: String
    /// By the name that it has in the plan's attachments.
    package var file: String
    /// `nil`: each workload's own `progressDeadlineSeconds`.
    package var within: Duration?

    package init(cluster: String, file: String, within: Duration? = nil) {
        self.within = within
        self.cluster = cluster
        self.file = file
    }

    package init?(reading reader: inout ActionReader) {
        let cluster = reader.cluster()
        let file = reader.read(Self.fileKey)
        let within = reader.read(RolloutWait.key)
        guard let cluster, let file else { return nil }
        self.init(cluster: cluster, file: file, within: within)
    }

    package var scope: ActionScope { .cluster(cluster) }
    package var rolloutLimit: Duration? { within }
    package var longestWait: Duration { within ?? .zero }
}
