import QuakeBase
import QuakeCurl

/// A URL of a kubeconfig or of the environment, in its parts, as Go's `url.Parse` takes it apart.
struct ServerURL: Sendable, Equatable {
    /// In small letters.
    var scheme: String
    var user: String?
    var password: String?
    /// A name or an address; of IPv6 without brackets.
    var host: String
    var port: Int?
    /// As written: empty, or from its `/` on, without query and fragment.
    var path: String

    /// `nil` for what is no URL with a scheme and a host.
    init?(_ text: String) {
        guard let colon = text.firstRange(of: "://") else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        guard scheme.first?.isLetter ?? false,
            scheme.utf8.allSatisfy({ Self.isLetterOrDigit($0) || "+-.".utf8.contains($0) }),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else { return nil }
        let rest = text[colon.upperBound...].prefix { $0 != "?" && $0 != "#" }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = String(rest[slash...])
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            let sides = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = sides[0].percentDecoded
            password = sides.count > 1 ? sides[1].percentDecoded : nil
            authority = authority[authority.index(after: at)...]
        }
        guard let (host, port) = Self.split(authority), !host.isEmpty else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// What a kubeconfig has as its server: also `HOST:PORT`, which is plain http, as for client-go.
    init?(server text: String) {
        if let url = ServerURL(text) {
            self = url
            return
        }
        guard let url = ServerURL("http://" + text), url.path.isEmpty || url.path == "/" else { return nil }
        self = url
    }

    private static func split(_ authority: Substring) -> (String, Int?)? {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : rest.dropFirst()
            guard IPAddress(String(host.prefix { $0 != "%" })) != nil else { return nil }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.contains(where: { "<>\"{}|\\^`[]@".contains($0) }) else { return nil }
        guard let port, !port.isEmpty else { return (String(host), nil) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
            (0...65_535).contains(number)
        else { return nil }
        return (String(host), number)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}

extension ServerURL {
    /// In brackets, where URLs need them.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// Host and port as written.
    var authority: String { Self.bracketed(host) + (port.map { ":\($0)" } ?? "") }

    /// The port, or that of the scheme.
    var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

    /// Whether nothing leaves this machine: `localhost`, 127/8 and ::1.
    var isLoopback: Bool { Self.isLoopback(host) }

    static func isLoopback(_ host: String) -> Bool {
        host.lowercased() == "localhost" || IPAddress(host)?.isLoopback ?? false
    }

    /// Without slashes at its end.
    var text: String {
        let password = password.map { ":" + PercentEncoding.query($0) } ?? ""
        let user = user.map { PercentEncoding.query($0) + password + "@" } ?? ""
        return "\(scheme)://\(user)\(authority)\(prefix)"
    }

    /// What stands before every path of the API: empty, or a path without slashes at its end.
    var prefix: String {
        var path = path
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}

extension HTTPProxy {
    /// A proxy's URL; `nil` for another scheme than http, https and socks5.
    init?(_ url: ServerURL) {
        guard let scheme = Scheme(rawValue: url.scheme) else { return nil }
        self.init(
            scheme, host: url.host, port: url.port ?? scheme.defaultPort, user: url.user, password: url.password)
    }
}
