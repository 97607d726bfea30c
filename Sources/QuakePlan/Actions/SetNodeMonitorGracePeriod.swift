/// Changes the controller manager's `--node-monitor-grace-period`.
package struct SetNodeMonitorGracePeriod: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "set-node-monitor-grace-period",
        summary: "Changes after how long without a lease a node is NotReady; restarts the controller manager.",
        example: "set-node-monitor-grace-period: {cluster: west, to: 16s}",
        inverse: InverseWords("sets the flag as it was before", step: "the flag as it was"),
        traits: [.fault, .needsControlPlane], takes: .cluster, keys: [toKey.key, forceKey.key])

    private static let toKey = Key.duration(
        required: "to", [.positive, .wholeSeconds], help: "The new grace period.")
    private static let forceKey = Key.flag(
        "force", default: false,
        help: "Allows a period that is not above the renewal of leases, at which healthy nodes turn NotReady.")

    package var cluster: String
    package var gracePeriod: Duration
    /// A period at which healthy nodes would flap is not refused.
    package var force: Bool

    package init(cluster: String, to gracePeriod: Duration, force: Bool) {
        self.cluster = cluster
        self.gracePeriod = gracePeriod
        self.force = force
    }

    package init?(reading reader: inout ActionReader) {
        let cluster = reader.cluster()
        let gracePeriod = reader.read(Self.toKey)
        force = reader.read(Self.forceKey)
        guard let cluster, let gracePeriod else { return nil }
        self.cluster = cluster
        self.gracePeriod = gracePeriod
    }

    package var scope: ActionScope { .cluster(cluster) }
}
