import FoundationEssentials
import QuakeYAML

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads and merges files as client-go does (`tools/clientcmd/loader.go`): the first one that names a thing wins, and
/// what is no kubeconfig in any of them refuses them all.
struct KubeconfigReader {
    /// A named thing of a file.
    struct Entry {
        var node: YAMLNode
        var file: String

        /// `file:line:column: message`.
        func place(_ message: String, at part: YAMLNode? = nil) -> String {
            let node = part ?? node
            return "\(file):\(node.line):\(node.column): \(message)"
        }
    }

    private(set) var files: [String] = []
    private(set) var problems: [String] = []
    private(set) var current: String?
    private(set) var clusters: [String: Entry] = [:]
    private(set) var users: [String: Entry] = [:]
    /// In the files' order.
    private(set) var contexts: [(name: String, entry: Entry)] = []

    /// Reads one file; one that is not there is left out.
    mutating func read(_ file: String) {
        guard let data = FileManager.default.contents(atPath: file) else {
            var status = stat()
            let isThere = stat(file, &status) == 0
            if !isThere, errno == ENOENT { return }
            let isDirectory = isThere && status.st_mode & S_IFMT == S_IFDIR
            problems.append("\(file): \(isDirectory ? "it is a directory" : "it cannot be read")")
            return
        }
        files.append(file)
        guard let text = Self.text(data) else {
            let lines = data.split(separator: 0x0A, omittingEmptySubsequences: false)
            let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
            problems.append("\(file):\(line + 1):1: it is not UTF-8")
            return
        }
        read(text, file: file)
    }

    /// UTF-8, or UTF-16 with a byte order mark, as Go's YAML takes them.
    private static func text(_ data: Data) -> String? {
        let isLittle = data.starts(with: [0xFF, 0xFE])
        guard isLittle || data.starts(with: [0xFE, 0xFF]), data.count.isMultiple(of: 2) else {
            return String(validating: data, as: UTF8.self)
        }
        let bytes = Array(data.dropFirst(2))
        let units = stride(from: 0, to: bytes.count, by: 2).map { place in
            UInt16(bytes[place + (isLittle ? 1 : 0)]) << 8 | UInt16(bytes[place + (isLittle ? 0 : 1)])
        }
        return String(validating: units, as: UTF16.self)
    }

    private mutating func read(_ text: String, file: String) {
        let root: YAMLNode?
        do {
            root = try YAML.parseFirst(text, file: file, repeatedKeys: .lastCounts)
        } catch {
            problems.append("\(error)")
            return
        }
        guard let root, root.goScalar != .null else { return }
        let found = KubeconfigShape.config.problems(in: root)
        for (node, message) in found { complain(node, file, message) }
        guard found.isEmpty, isConfig(root, file) else { return }
        if current == nil { current = root.text("current-context") }
        for (name, entry) in named("clusters", "cluster", root, file) where clusters[name] == nil {
            clusters[name] = entry
        }
        for (name, entry) in named("users", "user", root, file) where users[name] == nil { users[name] = entry }
        for (name, entry) in named("contexts", "context", root, file)
        where !contexts.contains(where: { $0.name == name }) {
            contexts.append((name, entry))
        }
    }

    private mutating func isConfig(_ root: YAMLNode, _ file: String) -> Bool {
        var isConfig = true
        // client-go finds these two in any letters, and nothing else.
        let words = ["apiversion": "v1", "kind": "Config"]
        for pair in root.mapping ?? [] {
            let key = pair.key.scalar ?? ""
            guard let wanted = words[key.lowercased()], let value = pair.value.goScalar else { continue }
            if value == .null || value == .text("") || value == .text(wanted) { continue }
            complain(pair.value, file, "\(key): \(pair.value.scalar ?? ""): a kubeconfig has \(wanted)")
            isConfig = false
        }
        return isConfig
    }

    private mutating func complain(_ node: YAMLNode, _ file: String, _ message: String) {
        problems.append(Entry(node: node, file: file).place(message))
    }

    /// Entries of a list of `{name, KEY}`.
    private mutating func named(
        _ list: String, _ key: String, _ root: YAMLNode, _ file: String
    ) -> [(String, Entry)] {
        var result: [(String, Entry)] = []
        for (index, element) in (root[list]?.sequence ?? []).enumerated() {
            let name = element.text("name") ?? ""
            if result.contains(where: { $0.0 == name }) {
                complain(
                    element["name"] ?? element, file, "\(list)[\(index)].name: \"\(name)\" is there twice in this file")
                continue
            }
            let value = element[key].flatMap { $0.goScalar == .null ? nil : $0 }
            let nothing = YAMLNode(.mapping([]), line: element.line, column: element.column)
            result.append((name, Entry(node: value ?? nothing, file: file)))
        }
        return result
    }
}
