/// Expires the NodeClaims of NodePools as Karpenter does.
package struct ExpireNodePools: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "expire-nodepools",
        summary:
            "Replaces the nodes of NodePools as Karpenter's expiry does, all together or pool by pool: at once, or with "
            + "`expireAfter` when nodes reach that age.",
        example: "expire-nodepools: {cluster: west, nodePools: [a, b], mode: staggered, interval: 2m}",
        inverse: InverseWords(
            "none: the nodes are replaced permanently; `expireAfter` of the NodePools as it was",
            step: "a fresh node for each that is gone, with its labels; `expireAfter` as it was; the substitute for "
                + "Karpenter deleted"),
        traits: [.replacesNodes], takes: .cluster,
        keys: [
            nodePoolsKey.key, modeKey.key, intervalKey.key, provisioningTimeKey.key, terminationGracePeriodKey.key,
            expireAfterKey.key,
        ], provableStates: [.gone])

    private static let nodePoolsKey = Key.texts(required: "nodePools", help: "Names of the NodePools.")
    private static let modeKey = Key.choice(
        "mode", default: Mode.together, help: "Whether the pools expire all at once or one after another.")
    private static let intervalKey = Key.duration(
        "interval", default: .seconds(60), .positive, help: "Between two pools where `mode` is `staggered`.")
    private static let provisioningTimeKey = Key.duration(
        "provisioningTime", default: .seconds(30),
        help: "From a node's expiry to the registration of a fresh one, where Peerquake replaces Karpenter.")
    private static let terminationGracePeriodKey = Key.duration(
        "terminationGracePeriod", otherwise: "never",
        help: "After how long pods that their budgets hold are deleted anyway.")
    private static let expireAfterKey = Key.duration(
        "expireAfter", otherwise: "the nodes that are there expire at once", [.positive, .wholeSeconds],
        help: "The age at which nodes that the pools make from now on expire by themselves.")

    /// Whether all pools expire at once or one after another.
    package enum Mode: String, Sendable, Codable, CaseIterable {
        case together, staggered
    }

    package var cluster: String
    package var nodePools: [String]
    package var mode: Mode
    /// Between the pools where staggered.
    package var interval: Duration
    /// From a node's expiry to the registration of a fresh one, which is never before the old one is gone.
    package var provisioningTime: Duration
    /// The age at which NodeClaims that the pools make from now on expire by themselves; `nil`: those that are there
    /// expire at once.
    package var expireAfter: Duration?
    /// When pods that their budgets hold are deleted anyway; `nil`: never, as in Karpenter without the field.
    package var terminationGracePeriod: Duration?

    package init(
        cluster: String, nodePools: [String], mode: Mode = .together, interval: Duration = .seconds(60),
        provisioningTime: Duration = .seconds(30), terminationGracePeriod: Duration? = nil, expireAfter: Duration? = nil
    ) {
        self.expireAfter = expireAfter
        self.terminationGracePeriod = terminationGracePeriod
        self.cluster = cluster
        self.nodePools = nodePools
        self.mode = mode
        self.interval = interval
        self.provisioningTime = provisioningTime
    }

    package init?(reading reader: inout ActionReader) {
        let cluster = reader.cluster()
        nodePools = reader.read(Self.nodePoolsKey)
        mode = reader.read(Self.modeKey)
        interval = reader.read(Self.intervalKey)
        provisioningTime = reader.read(Self.provisioningTimeKey)
        terminationGracePeriod = reader.read(Self.terminationGracePeriodKey)
        expireAfter = reader.read(Self.expireAfterKey)
        guard let cluster else { return nil }
        self.cluster = cluster
    }

    package var scope: ActionScope { .nodePools(nodePools, cluster: cluster) }

    /// The intervals, the age that nodes expire at where one is given, and one provisioning.
    package var ownTime: Duration {
        let intervals = mode == .staggered ? max(0, nodePools.count - 1) : 0
        return interval * intervals + (expireAfter ?? .zero) + provisioningTime
    }

    package var spacing: Duration? { mode == .staggered && nodePools.count > 1 ? interval : nil }
}
