import FoundationEssentials
import QuakeCurl

/// What a request shows a server of a context's user: the same as kubectl would (`rest/transport.go`,
/// `transport/round_trippers.go`).
struct Credentials: Sendable {
    /// The whole value of `Authorization`.
    var authorization: String?
    /// `Impersonate-…`, in client-go's order.
    var impersonation: [(name: String, value: String)] = []
    var security = HTTPRequest.Security()
    /// Where else to ask when a server refuses them.
    private var source: Source = .fixed

    private enum Source: Sendable {
        case fixed
        case plugin(CredentialPlugin, answer: Int)
        case tokenFile(String, token: String)
    }

    static func of(_ context: Kubeconfig.Context, by route: APIRoute) async throws(KubeError) -> Credentials {
        let user = context.user
        var result = Credentials()
        result.impersonation = user.impersonation?.headers ?? []
        guard result.impersonation.allSatisfy({ HeaderField.isValue($0.value) }) else {
            throw KubeError(.config, "whom to act as has a line break or another control character", context: user.name)
        }
        if route.isTLS {
            result.security.verifies = !context.cluster.skipsVerification
            result.security.authorities = try context.cluster.certificateAuthority?.read()
        }
        guard route.carriesCredentials else { return result }
        if route.isTLS, let certificate = user.certificate, let key = user.key {
            result.security.certificate = try certificate.read()
            result.security.key = try key.read()
        }
        try result.takeToken(of: user)
        if result.authorization == nil, let name = user.username {
            result.authorization = basic(name, user.password ?? "")
        }
        // As for client-go, what the kubeconfig itself has leaves a plugin unasked.
        if let exec = user.exec, result.authorization == nil, result.security.certificate == nil {
            try await result.ask(CredentialPlugin.of(exec, context.cluster))
        }
        if let name = route.server.user { result.authorization = basic(name, route.server.password ?? "") }
        return result
    }

    /// A token file wins over a token, as long as it can be read.
    private mutating func takeToken(of user: Kubeconfig.User) throws(KubeError) {
        var token = user.token
        if let file = user.tokenFile {
            do throws(KubeError) {
                let current = try TokenFile.token(file)
                source = .tokenFile(file, token: current)
                token = current
            } catch {
                if token == nil { throw error }
            }
        }
        guard let token else { return }
        guard HeaderField.isValue(token) else {
            throw KubeError(.config, "a header cannot have its token", context: "user \(user.name)")
        }
        authorization = "Bearer \(token)"
    }

    private mutating func ask(_ plugin: CredentialPlugin) async throws(KubeError) {
        let answer = try await plugin.answer()
        source = .plugin(plugin, answer: answer.number)
        authorization = answer.token.map { "Bearer \($0)" }
        security.certificate = answer.certificate
        security.key = answer.key
    }

    private static func basic(_ name: String, _ password: String) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    /// After a 401: asks for others.
    ///
    /// - Returns: whether there are any.
    /// - Throws: `.config` where a plugin fails.
    func renew() async throws(KubeError) -> Bool {
        switch source {
        case .fixed: return false
        case .plugin(let plugin, let answer): return try await plugin.answer(insteadOf: answer).number != answer
        case .tokenFile(let path, let token): return try TokenFile.token(path) != token
        }
    }
}

extension Kubeconfig.Material {
    /// - Throws: `.config` where its file cannot be read.
    func read() throws(KubeError) -> [UInt8] {
        switch self {
        case .inline(let bytes): return bytes
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw KubeError(.config, "cannot be read", context: path)
            }
            return Array(data)
        }
    }
}
