import QuakeMesh
package import QuakeSim
import QuakeYAML

/// The shape of a cluster, out of the very file that shapes a kind cluster.
package struct ClusterShape: Sendable, Equatable {
    /// One node.
    package struct NodeShape: Sendable, Equatable {
        package var name: String
        package var isControlPlane: Bool
        package var labels: [String: String]
    }

    package var name: String
    /// Control planes first, as kind names them.
    package var nodes: [NodeShape]
    package var timings: Timings

    /// Reads a kind config.
    ///
    /// - Throws: `.configuration` with the place of what is wrong.
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
        let root: YAMLNode
        do {
            root = try YAML.parse(text, file: file)
        } catch {
            throw EmbeddedError(.configuration, "\(error)")
        }
        guard root["kind"]?.scalar == "Cluster" else {
            throw EmbeddedError(.configuration, "\(file):\(root.line):\(root.column): not a kind Cluster")
        }
        var timings = Timings()
        let name = root["name"]?.scalar ?? "kind"
        let written = root["nodes"]?.sequence ?? []
        for patch in patches(of: root) + written.flatMap(patches) { try apply(patch, to: &timings, file: file) }
        let nodes = nodeShapes(written, cluster: name)
        if let restart = nodes.first?.labels["peerquake.dev/controller-manager-restart"] {
            timings.controllerManagerRestart = try duration(restart, "peerquake.dev/controller-manager-restart", file)
        }
        return ClusterShape(name: name, nodes: nodes, timings: timings)
    }

    private static func patches(of node: YAMLNode) -> [YAMLNode] { node["kubeadmConfigPatches"]?.sequence ?? [] }

    private static func nodeShapes(_ written: [YAMLNode], cluster: String) -> [NodeShape] {
        var counts: [String: Int] = [:]
        let all = written.isEmpty ? [YAMLNode(.mapping([]), line: 1, column: 1)] : written
        let shapes = all.map { node -> NodeShape in
            let role = node["role"]?.scalar ?? "control-plane"
            counts[role, default: 0] += 1
            let suffix = counts[role, default: 1] == 1 ? "" : "\(counts[role, default: 1])"
            let labels = (node["labels"]?.mapping ?? []).map { ($0.key.scalar ?? "", $0.value.scalar ?? "") }
            return NodeShape(
                name: "\(cluster)-\(role)\(suffix)", isControlPlane: role == "control-plane",
                labels: Dictionary(labels) { $1 })
        }
        return shapes.filter(\.isControlPlane) + shapes.filter { !$0.isControlPlane }
    }

    /// A kubeadm patch is YAML inside YAML: the controller manager's flags and the kubelet's configuration count.
    private static func apply(_ patch: YAMLNode, to timings: inout Timings, file: String) throws(EmbeddedError) {
        let documents: [YAMLNode]
        do {
            documents = try YAML.parseAll(patch.scalar ?? "", file: "\(file):\(patch.line)")
        } catch {
            throw EmbeddedError(.configuration, "\(error)")
        }
        for document in documents {
            let flags = document["controllerManager"]?["extraArgs"]
            for (flag, path) in [
                ("node-monitor-grace-period", \Timings.gracePeriod), ("node-monitor-period", \Timings.monitorPeriod),
            ] {
                guard let text = value(of: flag, in: flags) else { continue }
                timings[keyPath: path] = try duration(text, flag, file)
            }
            if let seconds = document["nodeLeaseDurationSeconds"]?.intValue {
                timings.leaseDuration = .seconds(seconds)
            }
        }
    }

    /// Flags come as a map (v1beta3) or as a list of names and values (v1beta4).
    private static func value(of flag: String, in flags: YAMLNode?) -> String? {
        if let text = flags?[flag]?.scalar { return text }
        return flags?.sequence?.first { $0["name"]?.scalar == flag }?["value"]?.scalar
    }

    private static func duration(_ text: String, _ what: String, _ file: String) throws(EmbeddedError) -> Duration {
        guard let value = GoDuration.parse(text), value > .zero else {
            throw EmbeddedError(
                .configuration, "\(file): \(what): \"\(text)\" is not a duration (for example 16s or 500ms)")
        }
        return value
    }
}
