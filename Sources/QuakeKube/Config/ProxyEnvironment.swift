import QuakeCurl

/// `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, as Go's `ProxyFromEnvironment` reads them (golang.org/x/net/http/httpproxy);
/// libcurl's own rules differ.
struct ProxyEnvironment: Sendable {
    private var https: HTTPProxy?
    private var http: HTTPProxy?
    private var exceptions: [Exception] = []

    /// What needs no proxy.
    fileprivate enum Exception: Sendable, Equatable {
        case everything
        case range(IPRange)
        case address(IPAddress, port: Int?)
        /// - Parameter suffix: with its leading dot.
        case domain(suffix: String, port: Int?, includesItself: Bool)
    }

    init(_ environment: [String: String]) {
        func variable(_ name: String) -> String? {
            [name, name.lowercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        https = variable("HTTPS_PROXY").flatMap(Self.proxy)
        http = variable("HTTP_PROXY").flatMap(Self.proxy)
        exceptions = (variable("NO_PROXY") ?? "").split(separator: ",").compactMap { Self.exception(String($0)) }
    }

    /// The proxy for a URL; never one for loopback.
    func proxy(for url: ServerURL) -> HTTPProxy? {
        guard let proxy = url.scheme == "https" ? https : url.scheme == "http" ? http : nil else { return nil }
        if url.host == "localhost" { return nil }
        let address = IPAddress(url.host)
        if let address, address.isLoopback { return nil }
        let host = url.host.lowercased()
        let isExcepted = exceptions.contains { $0.matches(host, url.effectivePort, address) }
        return isExcepted ? nil : proxy
    }

    /// A URL, or `HOST[:PORT]` of an http proxy.
    private static func proxy(_ text: String) -> HTTPProxy? {
        if let url = ServerURL(text), let proxy = HTTPProxy(url) { return proxy }
        return ServerURL("http://" + text).flatMap { HTTPProxy($0) }
    }

    private static func exception(_ text: String) -> Exception? {
        let word = text.trimmed.lowercased()
        if word.isEmpty { return nil }
        if word == "*" { return .everything }
        if let range = IPRange(word) { return .range(range) }
        let (name, port) = split(word)
        var host = name
        if let address = IPAddress(host) { return .address(address, port: port) }
        if host.hasPrefix("*.") { host.removeFirst() }
        if host.isEmpty { return nil }
        let includesItself = !host.hasPrefix(".")
        return .domain(suffix: includesItself ? "." + host : host, port: port, includesItself: includesItself)
    }

    /// `HOST:PORT`; what has no port, or several colons outside brackets, is all host.
    private static func split(_ word: String) -> (String, Int?) {
        guard let colon = word.lastIndex(of: ":") else { return (word, nil) }
        var host = word[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") || word.hasSuffix("]") {
            return (word, nil)
        }
        let port = word[word.index(after: colon)...]
        // A port that is no number matches none.
        return (String(host), port.isEmpty ? nil : Int(port) ?? -1)
    }
}

extension ProxyEnvironment.Exception {
    fileprivate func matches(_ host: String, _ port: Int, _ address: IPAddress?) -> Bool {
        switch self {
        case .everything: true
        case .range(let range): address.map(range.contains) ?? false
        case .address(let own, let ownPort): own == address && (ownPort ?? port) == port
        case .domain(let suffix, let ownPort, let includesItself):
            (host.hasSuffix(suffix) || includesItself && host == suffix.dropFirst()) && (ownPort ?? port) == port
        }
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        let head = drop { $0.isWhitespace }
        guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(head[...last])
    }
}
