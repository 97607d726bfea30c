package import QuakeCurl

/// How a cluster's API server is reached: its URL, at most one proxy, and what may be shown on the way.
package struct APIRoute: Sendable, Equatable {
    let server: ServerURL
    package let proxy: HTTPProxy?

    /// - Parameter environment: has the proxies for clusters without a `proxy-url`.
    init(_ cluster: Kubeconfig.Cluster, environment: [String: String]) throws(KubeError) {
        guard let server = ServerURL(server: cluster.server), server.scheme == "http" || server.scheme == "https" else {
            throw KubeError(.config, "\(cluster.server): an http or https URL is expected", context: cluster.name)
        }
        self.server = server
        guard let text = cluster.proxyURL else {
            proxy = ProxyEnvironment(environment).proxy(for: server)
            return
        }
        guard let own = ServerURL(text).flatMap({ HTTPProxy($0) }) else {
            throw KubeError(
                .config, "proxy-url: a URL with http, https or socks5 is expected, not \(text)", context: cluster.name)
        }
        proxy = own
    }

    var isTLS: Bool { server.scheme == "https" }

    /// Whether credentials may go this way: encrypted, or not beyond this machine. kubectl shows none over plain http at
    /// all.
    var carriesCredentials: Bool {
        isTLS || server.isLoopback && proxy.map { ServerURL.isLoopback($0.host) } ?? true
    }

    /// For messages: which way it is, where it is not the direct one.
    var words: String { proxy.map { " through proxy \($0)" } ?? "" }

    /// The URL of a path of the API.
    func url(_ path: String, host: String? = nil) -> String {
        let authority = host.map { ServerURL.bracketed($0) + (server.port.map { ":\($0)" } ?? "") } ?? server.authority
        return "\(server.scheme)://\(authority)\(server.prefix)\(path)"
    }
}
