/// `kubectl apply -f`, of a file of ``Plan/attachments``.
package struct ApplyManifest: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "apply",
        summary: "Applies a manifest as kubectl does: client-side with a three-way merge, or server-side.",
        example: "apply: {cluster: west, file: manifests/gateway-pdb-one.yaml}",
        inverse: InverseWords(
            "restores every field that it changed and that no one else has changed since, and deletes the objects that "
                + "it made, newest first; of a ConfigMap of a GatewayClass also the budgets and autoscalers that istiod made",
            step: "each field that it changed as it was, each object that it made gone"),
        traits: [.fault, .rollsOut], takes: .cluster,
        keys: [fileKey.key, serverSideKey.key, forceConflictsKey.key, ownsNamespaceKey.key, RolloutWait.key.key])

    private static let fileKey = Key.manifest(
        required: "file",
        help: "A manifest of one object or more, relative to the plan's folder. Every object has a name; a List is "
            + "taken apart.")
    private static let serverSideKey = Key.flag(
        "serverSide", default: false,
        help: "Server-side apply. Refused (64) where the server has none, as on embedded clusters.")
    private static let forceConflictsKey = Key.flag(
        "forceConflicts", default: false,
        help: "With `serverSide`: takes over fields that another manager owns.")
    private static let ownsNamespaceKey = Key.flag(
        "ownsNamespace", default: false,
        help: "Needed where the manifest has a Namespace or a CustomResourceDefinition: its removal takes along what "
            + "others have made in it, or of its kind.")

    package var cluster: String
    /// By the name that it has in the plan's attachments.
    package var file: String
    package var serverSide: Bool
    package var forceConflicts: Bool
    /// Whether a Namespace or a CustomResourceDefinition of the manifest is the step's own, with all that belongs to it.
    package var ownsNamespace: Bool
    /// `nil`: each workload's own `progressDeadlineSeconds`.
    package var within: Duration?

    package init(
        cluster: String, file: String, serverSide: Bool = false, forceConflicts: Bool = false,
        ownsNamespace: Bool = false, within: Duration? = nil
    ) {
        self.within = within
        self.cluster = cluster
        self.file = file
        self.serverSide = serverSide
        self.forceConflicts = forceConflicts
        self.ownsNamespace = ownsNamespace
    }

    package init?(reading reader: inout ActionReader) {
        let cluster = reader.cluster()
        let file = reader.read(Self.fileKey)
        let within = reader.read(RolloutWait.key)
        let serverSide = reader.read(Self.serverSideKey)
        let forceConflicts = reader.read(Self.forceConflictsKey)
        let ownsNamespace = reader.read(Self.ownsNamespaceKey)
        if ownsNamespace, file != nil { reader.ownManifest() }
        if forceConflicts, !serverSide {
            reader.report(
                "forceConflicts: only server-side apply knows conflicts; add \"serverSide: true\", or leave it out",
                at: Self.forceConflictsKey.key)
        }
        guard let cluster, let file else { return nil }
        self.init(
            cluster: cluster, file: file, serverSide: serverSide, forceConflicts: forceConflicts,
            ownsNamespace: ownsNamespace, within: within)
    }

    package var scope: ActionScope { .cluster(cluster) }
    package var rolloutLimit: Duration? { within }
    package var longestWait: Duration { within ?? .zero }
}
