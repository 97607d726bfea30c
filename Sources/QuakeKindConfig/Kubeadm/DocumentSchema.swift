import QuakePlan
import QuakeYAML

/// The types that kubeadm decodes documents into. It refuses a value of another type, and only warns, where nobody sees
/// it, of a field that it does not know.
struct DocumentSchema: Sendable {
    /// Type → its fields with their types.
    private let types: [String: [String: String]]

    /// - Parameter text: `Type field:type …`, a type a line.
    init(_ text: String) {
        var types: [String: [String: String]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { continue }
            let fields = words.dropFirst().compactMap { word -> (String, String)? in
                let parts = word.split(separator: ":", maxSplits: 1)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            }
            types[String(name)] = Dictionary(fields) { $1 }
        }
        self.types = types
    }

    /// - Returns: `nil` for a kind that is no document of kubeadm's.
    static func of(_ kind: String, kubeadm version: String) -> DocumentSchema? {
        switch kind {
        case "ClusterConfiguration", "InitConfiguration", "JoinConfiguration": version == "v1beta4" ? lists : mappings
        case "KubeletConfiguration": kubelet
        case "KubeProxyConfiguration": kubeProxy
        default: nil
        }
    }

    /// Tells what kubeadm refuses in a document, and what it ignores.
    func check(_ document: YAMLNode, kind: String, _ findings: Findings) {
        var body = document
        for key in ["apiVersion", "kind", "metadata"] { body.remove(key) }
        check(body, kind, [kind], document.place, findings)
    }

    /// - Parameter above: the last place that is written, for what has none.
    private func check(_ node: YAMLNode, _ type: String, _ path: [String], _ above: KindPlace, _ findings: Findings) {
        let place = node.isWritten ? node.place : above
        guard type != "any", node.jsonScalar != .null else { return }
        if let fields = types[type] {
            checkFields(node, fields, path, place, findings)
        } else if type.hasPrefix("[") {
            guard let elements = node.sequence else { return refuse(node, "a list", path, place, findings) }
            for (index, element) in elements.enumerated() {
                check(element, Self.inner(type), path + ["\(index)"], place, findings)
            }
        } else if type.hasPrefix("{") {
            guard let pairs = node.mapping else { return refuse(node, "a mapping", path, place, findings) }
            for pair in pairs {
                check(pair.value, Self.inner(type), path + [pair.key.scalar ?? ""], place, findings)
            }
        } else if let problem = Self.problem(node, type) {
            refuse(node, problem, path, place, findings)
        }
    }

    private func checkFields(
        _ node: YAMLNode, _ fields: [String: String], _ path: [String], _ place: KindPlace, _ findings: Findings
    ) {
        guard let pairs = node.mapping else { return refuse(node, "a mapping", path, place, findings) }
        for pair in pairs {
            let key = pair.key.scalar ?? ""
            if let type = fields[key] {
                check(pair.value, type, path + [key], pair.key.isWritten ? pair.key.place : place, findings)
            } else {
                let near = Suggestion.nearest(to: key, among: fields.keys.sorted())
                findings.warn(
                    pair.key.isWritten ? pair.key.place : place,
                    "kubeadm knows no field \"\(key)\" in \(path.joined(separator: ".")), and ignores it"
                        + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
            }
        }
    }

    private func refuse(
        _ node: YAMLNode, _ wanted: String, _ path: [String], _ place: KindPlace, _ findings: Findings
    ) {
        let seen = node.jsonScalar.map(\.kindName) ?? "a \(node.kindName)"
        let value = node.scalar.map { " (\($0))" } ?? ""
        let quoted = wanted == "a text" && node.scalar != nil ? "; put it in quotes" : ""
        findings.refuse(
            .kubeadm, place, "\(path.joined(separator: ".")) must be \(wanted), and there is \(seen)\(value)\(quoted)")
    }

    private static func inner(_ type: String) -> String { String(type.dropFirst().dropLast()) }

    private static func problem(_ node: YAMLNode, _ type: String) -> String? {
        guard let value = node.jsonScalar else {
            return type == "string" ? "a text" : type == "bool" ? "a boolean" : "a number"
        }
        switch (type, value) {
        case ("string", .text), ("bool", .bool), ("int", .int), ("float", .int), ("float", .float): return nil
        case ("duration", .text(let text)): return GoValue.durationProblem(text).map { "a duration: \($0)" }
        case ("string", _): return "a text"
        case ("bool", _): return "a boolean"
        case ("duration", _): return "a duration, as 16s"
        default: return "a number"
        }
    }
}
