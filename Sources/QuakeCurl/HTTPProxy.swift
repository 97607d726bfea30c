/// What stands between us and a server: the one proxy of a request.
package struct HTTPProxy: Sendable, Equatable {
    /// How the proxy is spoken to.
    package enum Scheme: String, Sendable, CaseIterable {
        case http
        case https
        /// The proxy resolves the server's name.
        case socks5

        /// The port of an address that names none.
        package var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5: 1080
            }
        }
    }

    package var scheme: Scheme
    /// A name or an address; of IPv6 without brackets.
    package var host: String
    package var port: Int
    package var user: String?
    package var password: String?

    package init(_ scheme: Scheme, host: String, port: Int, user: String? = nil, password: String? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.user = user
        self.password = password
    }

    private var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// For libcurl, whose `socks5` resolves names itself and whose default port is another one.
    var libcurlURL: String { "\(scheme == .socks5 ? "socks5h" : scheme.rawValue)://\(authority)" }
}

extension HTTPProxy: CustomStringConvertible {
    /// Without what the proxy is shown as a password.
    package var description: String { "\(scheme.rawValue)://\(authority)" }
}
