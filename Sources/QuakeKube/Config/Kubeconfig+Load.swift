import FoundationEssentials
import QuakeYAML

extension Kubeconfig {
    /// Reads `path`, a colon-separated list of files; `nil` means `KUBECONFIG` of `environment`, else
    /// `~/.kube/config`. Missing files of a list are skipped, a list without any file is an error.
    ///
    /// - Throws: `.config` with every problem of every file, one a line, as `file:line:column: message`.
    package static func load(path: String? = nil, environment: [String: String]) throws(KubeError) -> Kubeconfig {
        let variable = environment["KUBECONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let list = path ?? variable ?? "\(environment["HOME"] ?? "")/.kube/config"
        var reader = KubeconfigReader()
        for file in list.split(separator: ":").map(String.init) {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            reader.read(String(decoding: data, as: UTF8.self), file: file)
        }
        guard !reader.files.isEmpty else { throw KubeError(.config, "no such file: \(list)") }
        let config = reader.finish()
        guard reader.problems.isEmpty else {
            throw KubeError(.config, reader.problems.joined(separator: "\n"))
        }
        return config
    }

    /// A file with these contexts; only names, servers and namespaces are written.
    package func yaml() -> String {
        func entries(_ key: String, _ lines: (Context) -> [String]) -> String {
            contexts.isEmpty
                ? "\(key): []\n"
                : "\(key):\n" + contexts.map { lines($0).joined(separator: "\n") + "\n" }.joined()
        }
        func quoted(_ text: String) -> String { JSONValue.string(text).text() }
        return
            "apiVersion: v1\nkind: Config\ncurrent-context: \(quoted(currentContext ?? contexts.first?.name ?? ""))\n"
            + entries("clusters") {
                ["- name: \(quoted($0.cluster.name))", "  cluster:", "    server: \(quoted($0.cluster.server))"]
            }
            + entries("contexts") {
                [
                    "- name: \(quoted($0.name))", "  context:", "    cluster: \(quoted($0.cluster.name))",
                    "    user: \(quoted($0.name))",
                ]
            } + entries("users") { ["- name: \(quoted($0.name))", "  user: {}"] }
    }
}

/// Merges files; the first one that names a thing wins.
private struct KubeconfigReader {
    private struct Entry {
        var node: YAMLNode
        var file: String
    }

    private(set) var files: [String] = []
    private(set) var problems: [String] = []
    private var current: String?
    private var clusters: [String: Entry] = [:]
    private var users: [String: Entry] = [:]
    private var contexts: [(name: String, entry: Entry)] = []

    mutating func read(_ text: String, file: String) {
        files.append(file)
        let root: YAMLNode
        do {
            root = try YAML.parse(text, file: file)
        } catch {
            problems.append("\(error)")
            return
        }
        if root.isNull { return }
        guard root.mapping != nil else { return complain(root, file, "a kubeconfig is a mapping") }
        if current == nil, let name = root["current-context"]?.scalar, !name.isEmpty { current = name }
        for (name, entry) in named("clusters", "cluster", root, file) where clusters[name] == nil {
            clusters[name] = entry
        }
        for (name, entry) in named("users", "user", root, file) where users[name] == nil { users[name] = entry }
        for (name, entry) in named("contexts", "context", root, file)
        where !contexts.contains(where: { $0.name == name }) {
            contexts.append((name, entry))
        }
    }

    private mutating func complain(_ node: YAMLNode, _ file: String, _ message: String) {
        problems.append("\(file):\(node.line):\(node.column): \(message)")
    }

    /// Entries of a list of `{name, KEY}`.
    private mutating func named(
        _ list: String, _ key: String, _ root: YAMLNode, _ file: String
    ) -> [(String, Entry)] {
        guard let node = root[list], !node.isNull else { return [] }
        guard let elements = node.sequence else {
            complain(node, file, "\(list): a list is expected, not a \(node.kindName)")
            return []
        }
        var result: [(String, Entry)] = []
        for element in elements {
            guard let name = element["name"]?.scalar else {
                complain(element, file, "\(list): an entry without a name")
                continue
            }
            result.append((name, Entry(node: element[key] ?? element, file: file)))
        }
        return result
    }

    mutating func finish() -> Kubeconfig {
        var result: [Kubeconfig.Context] = []
        for (name, entry) in contexts {
            let clusterName = entry.node["cluster"]?.scalar ?? ""
            let userName = entry.node["user"]?.scalar ?? ""
            guard let cluster = cluster(clusterName, entry) else { continue }
            let identity = users[userName].map { user(userName, $0) } ?? Kubeconfig.User(name: userName)
            result.append(
                Kubeconfig.Context(
                    name: name, cluster: cluster, user: identity, namespace: entry.node["namespace"]?.scalar))
        }
        return Kubeconfig(contexts: result, currentContext: current, paths: files)
    }

    private mutating func cluster(_ name: String, _ context: Entry) -> Kubeconfig.Cluster? {
        guard let entry = clusters[name] else {
            complain(context.node, context.file, "cluster \"\(name)\" is not in the kubeconfig")
            return nil
        }
        guard var server = entry.node["server"]?.scalar, server.hasPrefix("http://") || server.hasPrefix("https://")
        else {
            complain(entry.node["server"] ?? entry.node, entry.file, "server: an http or https URL is expected")
            return nil
        }
        while server.hasSuffix("/") { server.removeLast() }
        return Kubeconfig.Cluster(
            name: name, server: server,
            certificateAuthority: material(
                entry, data: "certificate-authority-data", file: "certificate-authority"),
            skipsVerification: entry.node["insecure-skip-tls-verify"]?.boolValue ?? false,
            tlsServerName: entry.node["tls-server-name"]?.scalar)
    }

    private mutating func user(_ name: String, _ entry: Entry) -> Kubeconfig.User {
        let node = entry.node
        return Kubeconfig.User(
            name: name,
            certificate: material(entry, data: "client-certificate-data", file: "client-certificate"),
            key: material(entry, data: "client-key-data", file: "client-key"), token: node["token"]?.scalar,
            tokenFile: node["tokenFile"]?.scalar.map { absolute($0, entry.file) }, username: node["username"]?.scalar,
            password: node["password"]?.scalar, exec: node["exec"].flatMap { plugin($0, entry.file) })
    }

    private mutating func plugin(_ node: YAMLNode, _ file: String) -> Kubeconfig.ExecPlugin? {
        if node.isNull { return nil }
        guard let command = node["command"]?.scalar, !command.isEmpty else {
            complain(node, file, "exec: a command is expected")
            return nil
        }
        let environment = (node["env"]?.sequence ?? []).compactMap { variable -> (String, String)? in
            guard let name = variable["name"]?.scalar else { return nil }
            return (name, variable["value"]?.scalar ?? "")
        }
        return Kubeconfig.ExecPlugin(
            command: command.contains("/") ? absolute(command, file) : command,
            arguments: (node["args"]?.sequence ?? []).compactMap(\.scalar),
            environment: Dictionary(environment) { $1 },
            apiVersion: node["apiVersion"]?.scalar ?? "client.authentication.k8s.io/v1",
            providesClusterInfo: node["provideClusterInfo"]?.boolValue ?? false,
            installHint: node["installHint"]?.scalar)
    }

    private mutating func material(_ entry: Entry, data: String, file: String) -> Kubeconfig.Material? {
        if let node = entry.node[data], let text = node.scalar, !text.isEmpty {
            guard let bytes = Data(base64Encoded: text) else {
                complain(node, entry.file, "\(data): not base64")
                return nil
            }
            return .inline(Array(bytes))
        }
        return entry.node[file]?.scalar.map { .file(absolute($0, entry.file)) }
    }

    /// Paths are relative to the file that names them.
    private func absolute(_ path: String, _ file: String) -> String {
        if path.hasPrefix("/") { return path }
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return folder.isEmpty && !file.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
