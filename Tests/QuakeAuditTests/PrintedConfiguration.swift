import QuakeKube
import QuakeManifests

/// What `peerquake manifests` prints, read back from its text: nothing but the text is known.
struct PrintedConfiguration {
    /// One document with the command that its comment names.
    struct Part {
        var use: Use
        var body: JSONValue
    }

    enum Use: Equatable {
        /// `kubectl apply`.
        case apply
        /// `kubectl patch`, of objects of one namespace.
        case patch(resource: String, namespace: String, names: [String])
        /// `helm upgrade istiod`.
        case helm
        /// `kind create cluster`.
        case kind
    }

    struct Unreadable: Error { var line: String }

    var parts: [Part]

    init(_ text: String) throws {
        parts = try text.split(separator: "---\n").filter { $0.contains("# Use: ") }.map { document in
            let line = document.split(separator: "\n").first { $0.hasPrefix("# Use: ") } ?? ""
            let objects = try JSONValue.manifests(String(document), file: "printed")
            guard objects.count == 1 else { throw Unreadable(line: String(line)) }
            return Part(use: try Self.use(line.dropFirst("# Use: ".count)), body: objects[0])
        }
    }

    private static func use(_ text: Substring) throws -> Use {
        let commands = text.split(separator: " && ").map { command in
            // The context is one of several clusters, not a part of what is done.
            command.replacing(#/ --(kube-)?context \S+/#, with: "").split(separator: " ").map(String.init)
        }
        guard let words = commands.first else { throw Unreadable(line: String(text)) }
        if words.starts(with: ["kubectl", "apply", "-f"]) { return .apply }
        if words.starts(with: ["helm", "upgrade", "istiod"]) { return .helm }
        if words.starts(with: ["kind", "create", "cluster"]) { return .kind }
        guard words.count > 5, words.starts(with: ["kubectl", "-n"]), words[3] == "patch" else {
            throw Unreadable(line: String(text))
        }
        return .patch(
            resource: String(words[4].prefix { $0 != "." }), namespace: words[2], names: commands.map { $0[5] })
    }
}
