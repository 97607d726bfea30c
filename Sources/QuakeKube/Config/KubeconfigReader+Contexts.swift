import FoundationEssentials
import QuakeCurl
import QuakeYAML

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a context names, looked up and checked as client-go does before it uses it (`tools/clientcmd/validation.go`).
extension KubeconfigReader {
    func finish() -> Kubeconfig {
        var config = Kubeconfig(contexts: [], currentContext: current, paths: files)
        for (name, entry) in contexts where !name.isEmpty {
            var resolver = ContextResolver(
                cluster: clusters[entry.node.text("cluster") ?? ""], user: users[entry.node.text("user") ?? ""])
            if let context = resolver.context(name, entry) {
                config.contexts.append(context)
            } else {
                config.unusable.append(
                    Kubeconfig.Unusable(
                        name: name, reason: resolver.problems.joined(separator: "\n"),
                        hasServer: resolver.cluster?.node.text("server") != nil))
            }
        }
        return config
    }
}

/// One context on its way.
private struct ContextResolver {
    let cluster: KubeconfigReader.Entry?
    let user: KubeconfigReader.Entry?
    private(set) var problems: [String] = []

    init(cluster: KubeconfigReader.Entry?, user: KubeconfigReader.Entry?) {
        self.cluster = cluster
        self.user = user
    }

    /// `nil` where there are ``problems``.
    mutating func context(_ name: String, _ entry: KubeconfigReader.Entry) -> Kubeconfig.Context? {
        let clusterName = entry.node.text("cluster") ?? ""
        let userName = entry.node.text("user") ?? ""
        guard let found = cluster else {
            problems.append(
                clusterName.isEmpty
                    ? entry.place("context \"\(name)\" names no cluster")
                    : entry.place(
                        "cluster \"\(clusterName)\" is not in the kubeconfig", at: entry.node["cluster"]))
            return nil
        }
        let address = server(found)
        let resolved = resolve(found, clusterName, address)
        let isTLS = address?.scheme == "https"
        var identity = Kubeconfig.User(name: userName)
        if let user { identity = resolve(user, userName, isTLS: isTLS) }
        if isTLS, problems.isEmpty, !identity.isIdentified {
            let what = user == nil ? "is not in the kubeconfig" : "has no credentials"
            problems.append(
                (user ?? entry).place("user \"\(userName)\" \(what), and kubectl would ask for a name and a password"))
        }
        guard problems.isEmpty, let resolved else { return nil }
        return Kubeconfig.Context(
            name: name, cluster: resolved, user: identity, namespace: entry.node.text("namespace"))
    }

    private mutating func complain(_ entry: KubeconfigReader.Entry, _ key: String, _ message: String) {
        problems.append(entry.place("\(key): \(message)", at: entry.node[key]))
    }

    // MARK: - Clusters

    private mutating func server(_ entry: KubeconfigReader.Entry) -> ServerURL? {
        guard let text = entry.node.text("server") else {
            complain(entry, "server", "there is none")
            return nil
        }
        guard let url = ServerURL(server: text), url.scheme == "http" || url.scheme == "https" else {
            complain(entry, "server", "an http or https URL is expected, not \(text)")
            return nil
        }
        return url
    }

    private mutating func resolve(
        _ entry: KubeconfigReader.Entry, _ name: String, _ server: ServerURL?
    ) -> Kubeconfig.Cluster? {
        let node = entry.node
        let authority = material(entry, "certificate-authority")
        let skips = node.flag("insecure-skip-tls-verify")
        if server?.scheme == "https", skips, authority != nil {
            complain(entry, "insecure-skip-tls-verify", "not together with a certificate authority; leave one out")
        }
        let proxy = node.text("proxy-url")
        if let proxy, ServerURL(proxy).flatMap({ HTTPProxy($0) }) == nil {
            complain(entry, "proxy-url", "a URL with http, https or socks5 is expected, not \(proxy)")
        }
        guard let server else { return nil }
        return Kubeconfig.Cluster(
            name: name, server: server.text,
            certificateAuthority: authority, skipsVerification: skips, tlsServerName: node.text("tls-server-name"),
            proxyURL: proxy, disablesCompression: node.flag("disable-compression"),
            execConfig: execConfig(node))
    }

    private func execConfig(_ node: YAMLNode) -> JSONValue? {
        let own = node["extensions"]?.sequence?.first { $0.text("name") == "client.authentication.k8s.io/exec" }
        return own?["extension"].map { JSONValue(yaml: $0) }
    }

    /// What `KEY-data` or the file of `KEY` has.
    private mutating func material(_ entry: KubeconfigReader.Entry, _ key: String) -> Kubeconfig.Material? {
        let path = entry.node.text(key).map { entry.absolute($0) }
        let bytes = entry.node.bytes("\(key)-data")
        if path != nil, bytes != nil { complain(entry, key, "\(key)-data is there too; leave one out") }
        if let path { checkFile(entry, key, path) }
        return bytes.map { .inline($0) } ?? path.map { .file($0) }
    }

    private mutating func checkFile(_ entry: KubeconfigReader.Entry, _ key: String, _ path: String) {
        if access(path, R_OK) == 0 { return }
        complain(entry, key, "\(path): \(String(cString: strerror(errno)))")
    }

    // MARK: - Users

    private mutating func resolve(
        _ entry: KubeconfigReader.Entry, _ name: String, isTLS: Bool
    ) -> Kubeconfig.User {
        let node = entry.node
        var user = Kubeconfig.User(
            name: name, token: node.text("token"), tokenFile: node.text("tokenFile").map { entry.absolute($0) },
            username: node.text("username"), password: node.text("password"))
        user.certificate = material(entry, "client-certificate")
        if user.certificate != nil {
            user.key = material(entry, "client-key")
            if user.key == nil { complain(entry, "client-certificate", "there is no client-key with it") }
        }
        if user.token != nil, user.username != nil || user.password != nil {
            complain(entry, "token", "not together with username and password; leave one out")
        }
        if isTLS, user.token == nil, let file = user.tokenFile { checkFile(entry, "tokenFile", file) }
        if let text = user.token, !HeaderField.isValue(text) { complain(entry, "token", "a header cannot have it") }
        user.impersonation = impersonation(entry)
        user.exec = plugin(entry)
        checkProvider(entry, isTLS: isTLS)
        return user
    }

    private mutating func impersonation(_ entry: KubeconfigReader.Entry) -> Kubeconfig.Impersonation? {
        let node = entry.node
        let extra = node["as-user-extra"]?.mapping ?? []
        guard let user = node.text("as") else {
            let given = [
                ("as-uid", node.text("as-uid") != nil), ("as-groups", !node.texts("as-groups").isEmpty),
                ("as-user-extra", !extra.isEmpty),
            ]
            for (key, isGiven) in given where isGiven { complain(entry, key, "not without \"as\"") }
            return nil
        }
        var result = Kubeconfig.Impersonation(user: user, uid: node.text("as-uid"), groups: node.texts("as-groups"))
        for pair in extra {
            guard let key = pair.key.scalar, let values = node["as-user-extra"]?.texts(key) else { continue }
            result.extra[key] = values
        }
        for (name, value) in result.headers where !HeaderField.isValue(value) {
            complain(entry, "as", "\(name): a header cannot have a line break or another control character")
        }
        return result
    }

    private mutating func checkProvider(_ entry: KubeconfigReader.Entry, isTLS: Bool) {
        guard let provider = entry.node["auth-provider"], provider.goScalar != .null else { return }
        if entry.node["exec"]?.mapping != nil {
            complain(entry, "auth-provider", "not together with exec; leave one out")
        } else if isTLS {
            complain(
                entry, "auth-provider",
                "\(provider.text("name") ?? "") cannot be used here; kubectl takes credential plugins (exec) in its place"
            )
        }
    }

    private mutating func plugin(_ entry: KubeconfigReader.Entry) -> Kubeconfig.ExecPlugin? {
        guard let node = entry.node["exec"], node.mapping != nil else { return nil }
        let exec = KubeconfigReader.Entry(node: node, file: entry.file)
        let command = node.text("command")
        if command == nil { problems.append(exec.place("exec: a command is expected")) }
        let versions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
        let version = node.text("apiVersion") ?? ""
        if !versions.contains(version) {
            let what = version.isEmpty ? "an apiVersion is expected" : "apiVersion \(version)"
            problems.append(
                exec.place("exec: \(what); allowed: \(versions.joined(separator: ", "))", at: node["apiVersion"]))
        }
        checkMode(exec, version)
        var environment: [String: String] = [:]
        for variable in node["env"]?.sequence ?? [] {
            guard let name = variable.text("name") else {
                problems.append(exec.place("exec.env: a variable without a name", at: variable))
                continue
            }
            environment[name] = variable.text("value") ?? ""
        }
        return Kubeconfig.ExecPlugin(
            command: command.map { $0.contains("/") ? entry.absolute($0) : $0 } ?? "", arguments: node.texts("args"),
            environment: environment, apiVersion: version, providesClusterInfo: node.flag("provideClusterInfo"),
            installHint: node.text("installHint"))
    }

    private mutating func checkMode(_ exec: KubeconfigReader.Entry, _ version: String) {
        let node = exec.node["interactiveMode"]
        switch exec.node.text("interactiveMode") {
        case "Never", "IfAvailable": break
        case "Always":
            problems.append(
                exec.place(
                    "exec: interactiveMode: Always: the plugin needs a terminal, and nothing that runs here has one",
                    at: node))
        case nil:
            if version.hasSuffix("/v1") {
                problems.append(exec.place("exec: an interactiveMode is expected: Never or IfAvailable"))
            }
        case .some(let other):
            problems.append(
                exec.place("exec: interactiveMode: \(other); allowed: Never, IfAvailable, Always", at: node))
        }
    }
}

extension KubeconfigReader.Entry {
    /// Paths are relative to the file that names them.
    fileprivate func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let own = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        var parts: [Substring] = []
        for part in folder + path.split(separator: "/") where part != "." && !part.isEmpty {
            // As Go's filepath.Join, which looks at no links.
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
