/// What `kubectl drain` may do to the pods of a node: the options that `drain` and `upgrade-nodes` share.
package struct DrainOptions: Sendable, Equatable {
    static let keys = [
        ignoreDaemonSetsKey.key, deleteEmptyDirDataKey.key, forceKey.key, disableEvictionKey.key, podSelectorKey.key,
    ]

    private static let ignoreDaemonSetsKey = Key.flag(
        "ignoreDaemonSets", default: true,
        help: "Pods of DaemonSets stay; with `false`, a node that runs any is refused.")
    private static let deleteEmptyDirDataKey = Key.flag(
        "deleteEmptyDirData", default: true,
        help: "Pods with emptyDir volumes go, and their data is lost; with `false`, a node that runs any is refused.")
    private static let forceKey = Key.flag(
        "force", default: false,
        help:
            "Pods without a controller go, and nothing makes them again; with `false`, a node that runs any is refused."
    )
    private static let disableEvictionKey = Key.flag(
        "disableEviction", default: false,
        help: "Pods are deleted instead of evicted: no PodDisruptionBudget is asked.")
    private static let podSelectorKey = Key.text(
        "podSelector", otherwise: "every pod", help: "A label selector; only pods that match it are evicted.",
        example: "app=echo")

    /// `--ignore-daemonsets`.
    package var ignoreDaemonSets: Bool
    /// `--delete-emptydir-data`.
    package var deleteEmptyDirData: Bool
    /// `--force`.
    package var force: Bool
    /// `--disable-eviction`.
    package var disableEviction: Bool
    /// `--pod-selector`.
    package var podSelector: String?

    package init(
        ignoreDaemonSets: Bool = true, deleteEmptyDirData: Bool = true, force: Bool = false,
        disableEviction: Bool = false, podSelector: String? = nil
    ) {
        self.ignoreDaemonSets = ignoreDaemonSets
        self.deleteEmptyDirData = deleteEmptyDirData
        self.force = force
        self.disableEviction = disableEviction
        self.podSelector = podSelector
    }

    init(reading reader: inout ActionReader) {
        ignoreDaemonSets = reader.read(Self.ignoreDaemonSetsKey)
        deleteEmptyDirData = reader.read(Self.deleteEmptyDirDataKey)
        force = reader.read(Self.forceKey)
        disableEviction = reader.read(Self.disableEvictionKey)
        podSelector = reader.read(Self.podSelectorKey)
    }
}
