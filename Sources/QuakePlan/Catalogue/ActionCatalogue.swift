/// Every action with what a user must know of it, for `peerquake actions`.
package enum ActionCatalogue {
    /// One action.
    package struct Entry: Sendable, Equatable {
        /// Kebab-case, as in plans.
        package var name: String
        /// One sentence.
        package var summary: String
        /// A step of a plan in YAML, without the list's hyphen.
        package var example: String
        /// What undoes it, in words; `none` where nothing does, or nothing needs to.
        package var inverse: String

        package init(_ name: String, _ summary: String, example: String, inverse: String) {
            self.name = name
            self.summary = summary
            self.example = example
            self.inverse = inverse
        }
    }

    /// Node actions first, then workloads, then those that only wait or group.
    package static let entries: [Entry] = nodes + workloads + others

    private static let nodes = [
        Entry(
            "cordon", "Marks nodes unschedulable; what runs there stays.",
            example: "cordon: {cluster: west, nodes: {hosting: gateway, count: 1}}",
            inverse: "uncordons the nodes that it cordoned"),
        Entry(
            "uncordon", "Makes nodes schedulable again.", example: "uncordon: {step: cordon-1}",
            inverse: "cordons the nodes that it uncordoned"),
        Entry(
            "drain", "Cordons nodes and evicts their pods, as kubectl drain does; a PodDisruptionBudget may block it.",
            example: "drain: {cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 2m, gracePeriod: 30s}",
            inverse: "uncordons the nodes that it cordoned; evicted pods stay where they are"),
        Entry(
            "kill-node",
            "Kills nodes: power-off (silent), kill-container (peers get a FIN), pause, disconnect or stop-kubelet.",
            example: "kill-node: {cluster: west, nodes: {zone: zone-a}, how: power-off}\n"
                + "until: {node: NotReady, within: 90s}",
            inverse: "starts the nodes, in the way that matches how they were killed"),
        Entry("start-node", "Brings killed nodes back.", example: "start-node: {step: kill-node-1}", inverse: "none"),
        Entry(
            "restart-node", "Stops nodes gracefully and starts them again.",
            example: "restart-node: {cluster: west, nodes: {names: [west-worker]}}\nuntil: {node: Ready, within: 2m}",
            inverse: "starts a node that is still down"),
        Entry(
            "blip-node", "Takes nodes off the network for a given time; everything on them keeps running.",
            example: "blip-node: {cluster: west, nodes: {hosting: gateway, count: 1}, length: 10s}",
            inverse: "connects the nodes"),
        Entry(
            "upgrade-nodes", "Cordons, drains, restarts and uncordons nodes, one after another or several at once.",
            example: "upgrade-nodes: {cluster: west, nodes: {role: worker}, pause: 30s, atOnce: 1, drainTimeout: 2m}",
            inverse: "starts and uncordons the nodes that are being upgraded"),
        Entry(
            "expire-nodepools",
            "Replaces the nodes of NodePools as Karpenter's expiry does, all together or pool by pool: at once, or with "
                + "`expireAfter` when nodes reach that age.",
            example: "expire-nodepools: {cluster: west, nodePools: [a, b], mode: staggered, interval: 2m}",
            inverse: "none: the nodes are replaced for good; `expireAfter` of the NodePools as it was"),
        Entry(
            "set-node-monitor-grace-period",
            "Changes after how long without a lease a node is NotReady; restarts the controller manager.",
            example: "set-node-monitor-grace-period: {cluster: west, to: 16s}",
            inverse: "sets the flag as it was before"),
    ]

    private static let workloads = [
        Entry(
            "delete-pods", "Deletes pods of a workload; their controller makes new ones.",
            example: "delete-pods: {cluster: west, hosting: gateway, count: 1, gracePeriod: 0}",
            inverse: "none: the controller replaces them"),
        Entry(
            "rollout-restart", "Replaces the pods of a workload by its own update strategy.",
            example: "rollout-restart: {cluster: west, hosting: istiod}",
            inverse: "restores the pod template"),
        Entry(
            "scale", "Sets the number of replicas of a workload.",
            example: "scale: {cluster: west, hosting: demo/deployment/echo, replicas: 3}",
            inverse: "sets the replicas as they were before"),
        Entry(
            "apply", "Applies a manifest; its path is relative to the plan's folder.",
            example: "apply: {cluster: west, file: manifests/gateway-pdb-one.yaml}",
            inverse: "restores the objects that it changed, deletes those that it made"),
    ]

    private static let others = [
        Entry("wait", "Waits.", example: "wait: 30s", inverse: "none"),
        Entry(
            "wait-for",
            "Waits for a condition on nodes, pods, endpoints or a drain; fails the run where it stays unmet.",
            example: "wait-for: {cluster: west, pods: {hosting: gateway, ready: 2}, within: 60s}", inverse: "none"),
        Entry(
            "measure-propagation", "Measures how long a change in a cluster takes to reach its peers' clients.",
            example: "measure-propagation: {cluster: west}", inverse: "none"),
        Entry(
            "parallel", "Does several steps at once; they share a window for attribution.",
            example: """
                parallel:
                  - cordon: {cluster: west, nodes: {zone: zone-a}}
                  - cordon: {cluster: east, nodes: {zone: zone-a}}
                """,
            inverse: "those of its steps"),
        Entry(
            "restore-all", "Undoes everything that the run has changed so far, last change first.",
            example: "restore-all:", inverse: "none"),
    ]
}
