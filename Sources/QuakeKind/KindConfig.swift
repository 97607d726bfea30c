import FoundationEssentials
import QuakeKindConfig

/// What of a kind configuration matters here; kind itself reads the rest.
package struct KindConfig: Sendable, Equatable {
    package var path: String
    /// kind's default is `kind`.
    package var name: String
    package var nodes: Int
    /// Without a CNI no node turns Ready by itself.
    package var hasDefaultCNI: Bool
    /// Whether the configuration says its name.
    package var isNamed: Bool
    /// What counts for nothing without a word of kind's: `FILE:LINE:COLUMN: …`.
    package var warnings: [String]

    package init(
        path: String, name: String, nodes: Int, hasDefaultCNI: Bool, isNamed: Bool = true, warnings: [String] = []
    ) {
        self.path = path
        self.name = name
        self.nodes = nodes
        self.hasDefaultCNI = hasDefaultCNI
        self.isNamed = isNamed
        self.warnings = warnings
    }

    /// - Parameter image: the node image that kind will be told to take; `nil` leaves it to the configuration and to kind.
    /// - Throws: `.config` with everything that kind, kubeadm or a component would refuse, a line each.
    package static func load(_ path: String, image: String? = nil) throws(KindError) -> KindConfig {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KindError(.config, "\(path): cannot be read")
        }
        return try parse(String(decoding: data, as: UTF8.self), path: path, image: image)
    }

    /// The same of text.
    ///
    /// - Parameter path: its name, for messages.
    /// - Throws: `.config` with every refusal, each with its position.
    package static func parse(_ text: String, path: String, image: String? = nil) throws(KindError) -> KindConfig {
        let reading = KindReading(text, file: path, for: .kind(image: image))
        guard reading.refusals.isEmpty, let cluster = reading.cluster else {
            throw KindError(.config, reading.refusals.map(\.description).joined(separator: "\n"))
        }
        return KindConfig(
            path: path, name: cluster.name, nodes: cluster.nodes.count, hasDefaultCNI: cluster.hasDefaultCNI,
            isNamed: cluster.isNamed, warnings: reading.warnings.map(\.description))
    }
}
