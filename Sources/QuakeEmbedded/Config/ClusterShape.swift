import QuakeBase
package import QuakeKindConfig
import QuakeMesh
package import QuakeSim

/// The shape of a cluster, out of the very file that shapes a kind cluster.
package struct ClusterShape: Sendable, Equatable {
    /// One node.
    package struct NodeShape: Sendable, Equatable {
        package var name: String
        package var isControlPlane: Bool
        /// All that it registers with and is given at once.
        package var labels: [String: String]
        package var taints: [Taint]
        /// Of its kubelet: `v1.36.2`.
        package var version: String
        /// How long before the cluster's start it was made, with the NodeClaim that it then has.
        package var age = Duration.zero
        /// Whether its label asks for an age.
        package var isAged: Bool { labels[ClusterShape.ageLabel] != nil }
        /// The age that its NodePool and its NodeClaim have it expire at, as Karpenter writes it.
        package var expireAfter: String { labels[ClusterShape.expiryLabel] ?? "720h" }
    }

    package var name: String
    /// Whether the configuration says it; kind's default is `kind`.
    package var isNamed: Bool
    /// Control planes first, as kind names them.
    package var nodes: [NodeShape]
    package var timings: Timings
    /// The controller manager's flags as its command line has them.
    package var controllerManager: [KindArgument]
    /// What the configuration says and is not as it seems, or not here: `FILE:LINE:COLUMN: …`, in the file's order.
    package var warnings: [String]

    /// Of the control plane: `v1.36.2`.
    package var version: String { nodes.first?.version ?? KubernetesVersion.embedded.description }

    /// Reads a kind config.
    ///
    /// - Throws: `.configuration` with everything that kind, kubeadm or a component would refuse, a line each.
    package static func load(path: String) throws(EmbeddedError) -> ClusterShape {
        guard let text = readFile(path) else {
            throw EmbeddedError(.configuration, "\(path): cannot be read")
        }
        return try parse(text, file: path)
    }

    /// The same of text.
    ///
    /// - Parameter file: its name, for messages.
    /// - Throws: `.configuration` with the place of what is wrong.
    package static func parse(_ text: String, file: String) throws(EmbeddedError) -> ClusterShape {
        let reading = KindReading(text, file: file, for: .embedded)
        guard reading.refusals.isEmpty, let cluster = reading.cluster else {
            throw EmbeddedError(.configuration, reading.refusals.map(\.description).joined(separator: "\n"))
        }
        var shape = ClusterShape(
            name: cluster.name, isNamed: cluster.isNamed, nodes: cluster.nodes.map(NodeShape.init),
            timings: timings(cluster), controllerManager: cluster.controllerManager,
            warnings: reading.warnings.map(\.description))
        if let note = meaningless(cluster.meaningless, file) { shape.warnings.append(note) }
        if let first = cluster.nodes.first, let restart = try duration(of: restartLabel, first, file, "16s or 500ms") {
            shape.timings.controllerManagerRestart = restart
        }
        for (index, node) in cluster.nodes.enumerated() {
            if let age = try duration(of: ageLabel, node, file, "700h") { shape.nodes[index].age = age }
            _ = try duration(of: expiryLabel, node, file, "720h")
        }
        return shape
    }

    private static let restartLabel = "peerquake.dev/controller-manager-restart"
    /// On a node: how old it is when the cluster starts.
    fileprivate static let ageLabel = "peerquake.dev/node-age"
    /// On a node: `expireAfter` of its NodePool.
    fileprivate static let expiryLabel = "peerquake.dev/expire-after"

    /// - Returns: `nil` where the node has no such label.
    /// - Throws: `.configuration` with the node's place where the label's value is no duration above zero.
    private static func duration(
        of label: String, _ node: KindCluster.Node, _ file: String, _ example: String
    ) throws(EmbeddedError) -> Duration? {
        guard let text = node.labels[label] else { return nil }
        guard let value = GoDuration.parse(text), value > .zero else {
            throw EmbeddedError(
                .configuration,
                "\(file):\(node.place.line):\(node.place.column): an embedded cluster refuses: "
                    + "\(label): \"\(text)\" is not a duration, as \(example)")
        }
        return value
    }

    private static func timings(_ cluster: KindCluster) -> Timings {
        func flag(_ name: String) -> Duration? { cluster.controllerManagerFlag(name).flatMap(GoDuration.parse) }
        return Timings(
            leaseDuration: .seconds(cluster.leaseSeconds), monitorPeriod: flag("node-monitor-period") ?? .seconds(5),
            gracePeriod: flag("node-monitor-grace-period") ?? defaultGracePeriod(cluster.version))
    }

    /// Of the controller manager: 50 s since Kubernetes 1.32.
    private static func defaultGracePeriod(_ version: KubernetesVersion) -> Duration {
        .seconds(version.isBefore(32) ? 40 : 50)
    }

    /// What `--node-monitor-grace-period` is where it is not given.
    package var defaultGracePeriod: Duration { Self.defaultGracePeriod(KubernetesVersion(version) ?? .embedded) }

    /// One line for all that has no meaning here.
    private static func meaningless(_ entries: [(String, [KindPlace])], _ file: String) -> String? {
        guard let first = entries.first?.1.first else { return nil }
        let words = entries.map { what, places in
            let lines = Set(places.map(\.line)).sorted().map(String.init)
            return "\(what) (line\(lines.count == 1 ? "" : "s") \(lines.joined(separator: ", ")))"
        }
        return "\(file):\(first.line):\(first.column): warning: without effect on an embedded cluster: "
            + words.joined(separator: ", ")
    }
}

extension ClusterShape.NodeShape {
    fileprivate init(_ node: KindCluster.Node) {
        self.init(
            name: node.name, isControlPlane: node.isControlPlane, labels: node.labels,
            taints: node.taints.compactMap { taint in
                Taint.Effect(rawValue: taint.effect).map { Taint(taint.key, value: taint.value, $0) }
            }, version: node.version.description)
    }
}
