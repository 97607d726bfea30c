extension Kubeconfig {
    /// The files that kubectl would read: `KUBECONFIG`, else `~/.kube/config`; colons between them.
    package static func defaultPath(_ environment: [String: String]) -> String {
        if let variable = environment["KUBECONFIG"], !variable.isEmpty { return variable }
        return "\(environment["HOME"] ?? "")/.kube/config"
    }

    /// Reads `path`, a colon-separated list of files; `nil` means ``defaultPath(_:)``, and where nothing in it names a
    /// context, as inside a pod, that pod's own account. Missing files of a list are skipped, a list without any file is
    /// an error.
    ///
    /// - Parameter podFolder: where a pod has its service account.
    /// - Throws: `.config` with every problem of every file that is no kubeconfig, one a line, as
    ///   `file:line:column: message`. What is wrong with single contexts is in ``unusable``.
    package static func load(
        path: String? = nil, environment: [String: String], podFolder: String = PodAccount.folder
    ) throws(KubeError) -> Kubeconfig {
        let list = path ?? defaultPath(environment)
        var reader = KubeconfigReader()
        for file in list.split(separator: ":").map(String.init) { reader.read(file) }
        guard reader.problems.isEmpty else {
            throw KubeError(.config, reader.problems.joined(separator: "\n"))
        }
        if path == nil, reader.contexts.isEmpty, let pod = PodAccount.kubeconfig(environment, folder: podFolder) {
            return pod
        }
        guard !reader.files.isEmpty else { throw KubeError(.config, "no such file: \(list)") }
        return reader.finish()
    }

    /// A file with these contexts. Of users, only what names a file is written: no secrets.
    package func yaml() -> String {
        var clusters: [Cluster] = []
        for context in contexts where !clusters.contains(where: { $0.name == context.cluster.name }) {
            clusters.append(context.cluster)
        }
        let current = Self.quoted(currentContext ?? contexts.first?.name ?? "")
        return "apiVersion: v1\nkind: Config\ncurrent-context: \(current)\n"
            + Self.list("clusters", "cluster", clusters.map { ($0.name, $0.fields) })
            + Self.list("contexts", "context", contexts.map { ($0.name, $0.fields) })
            + Self.list("users", "user", contexts.map { ($0.name, $0.user.fields) })
    }

    private static func list(_ key: String, _ member: String, _ entries: [(String, [(String, String)])]) -> String {
        if entries.isEmpty { return "\(key): []\n" }
        let texts = entries.map { name, fields in
            let lines = fields.map { "    \($0): \(quoted($1))\n" }.joined()
            return "- name: \(quoted(name))\n" + (lines.isEmpty ? "  \(member): {}\n" : "  \(member):\n\(lines)")
        }
        return "\(key):\n" + texts.joined()
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).text() }
}

extension Kubeconfig.Cluster {
    fileprivate var fields: [(String, String)] {
        let authority = certificateAuthority?.path.map { ("certificate-authority", $0) }
        return [("server", server)] + [authority, proxyURL.map { ("proxy-url", $0) }].compactMap { $0 }
    }
}

extension Kubeconfig.Context {
    fileprivate var fields: [(String, String)] {
        [("cluster", cluster.name), ("user", name)] + (namespace.map { [("namespace", $0)] } ?? [])
    }
}

extension Kubeconfig.User {
    fileprivate var fields: [(String, String)] { tokenFile.map { [("tokenFile", $0)] } ?? [] }
}

extension Kubeconfig.Material {
    /// `nil` for what is in the kubeconfig itself.
    fileprivate var path: String? {
        if case .file(let path) = self { path } else { nil }
    }
}
