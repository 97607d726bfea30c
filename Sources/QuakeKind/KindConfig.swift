import FoundationEssentials
import QuakeYAML

/// What of a kind configuration matters here; kind itself reads the rest.
package struct KindConfig: Sendable, Equatable {
    package var path: String
    /// kind's default is `kind`.
    package var name: String
    package var nodes: Int
    /// Without a CNI no node turns Ready by itself.
    package var hasDefaultCNI: Bool

    package init(path: String, name: String, nodes: Int, hasDefaultCNI: Bool) {
        self.path = path
        self.name = name
        self.nodes = nodes
        self.hasDefaultCNI = hasDefaultCNI
    }

    /// - Throws: `.config` with the position.
    package static func load(_ path: String) throws(KindError) -> KindConfig {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KindError(.config, "\(path): cannot be read")
        }
        return try parse(String(decoding: data, as: UTF8.self), path: path)
    }

    /// The same of text.
    ///
    /// - Parameter path: its name, for messages.
    /// - Throws: `.config` with the position.
    package static func parse(_ text: String, path: String) throws(KindError) -> KindConfig {
        let root: YAMLNode
        do throws(YAMLError) {
            root = try YAML.parse(text, file: path)
        } catch {
            throw KindError(.config, "\(error)")
        }
        guard root["kind"]?.scalar == "Cluster" else {
            throw KindError(.config, "\(path):\(root.line):\(root.column): a kind configuration says `kind: Cluster`")
        }
        return KindConfig(
            path: path, name: root["name"]?.scalar ?? "kind", nodes: max(1, root["nodes"]?.sequence?.count ?? 1),
            hasDefaultCNI: !(root["networking"]?["disableDefaultCNI"]?.boolValue ?? false))
    }
}
