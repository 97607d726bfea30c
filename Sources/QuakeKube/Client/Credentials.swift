import FoundationEssentials
import QuakeCurl
import Synchronization

/// What a context's user shows a server.
struct Credentials: Sendable {
    var token: String?
    var security = HTTPRequest.Security()

    static func of(_ context: Kubeconfig.Context) async throws(KubeError) -> Credentials {
        var result = Credentials()
        result.security.verifies = !context.cluster.skipsVerification
        result.security.authorities = try context.cluster.certificateAuthority.map(read)
        result.security.certificate = try context.user.certificate.map(read)
        result.security.key = try context.user.key.map(read)
        result.token = context.user.token
        if let path = context.user.tokenFile {
            let text = String(decoding: try read(.file(path)), as: UTF8.self)
            result.token = String(text.prefix { !$0.isWhitespace })
        }
        if let plugin = context.user.exec { try await result.ask(plugin, context) }
        return result
    }

    private static func read(_ material: Kubeconfig.Material) throws(KubeError) -> [UInt8] {
        switch material {
        case .inline(let bytes): return bytes
        case .file(let path):
            guard let data = FileManager.default.contents(atPath: path) else {
                throw KubeError(.config, "cannot be read", context: path)
            }
            return Array(data)
        }
    }

    // MARK: - Exec plugins

    private struct Cached: Sendable {
        var status: JSONValue
        var expires: Date?
    }

    private static let cache = Mutex<[String: Cached]>([:])

    private mutating func ask(_ plugin: Kubeconfig.ExecPlugin, _ context: Kubeconfig.Context) async throws(KubeError) {
        // The environment tells identities apart as the arguments do: one command, many profiles.
        let variables = plugin.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let key = ([plugin.command] + plugin.arguments + variables).joined(separator: "\u{0}")
        let known = Self.cache.withLock { $0[key] }
        let status: JSONValue
        if let known, known.expires.map({ $0 > Date.now.addingTimeInterval(10) }) ?? true {
            status = known.status
        } else {
            status = try await Self.run(plugin, context)
            let expires = status["expirationTimestamp"]?.stringValue.flatMap { try? Date($0, strategy: .iso8601) }
            Self.cache.withLock { $0[key] = Cached(status: status, expires: expires) }
        }
        token = status["token"]?.stringValue ?? token
        if let certificate = status["clientCertificateData"]?.stringValue {
            security.certificate = Array(certificate.utf8)
        }
        if let key = status["clientKeyData"]?.stringValue { security.key = Array(key.utf8) }
    }

    private static func run(
        _ plugin: Kubeconfig.ExecPlugin, _ context: Kubeconfig.Context
    ) async throws(KubeError) -> JSONValue {
        var info: JSONValue = [
            "apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": ["interactive": false],
        ]
        if plugin.providesClusterInfo {
            info.set(["server": .string(context.cluster.server)], at: "spec", "cluster")
        }
        var environment = Command.inheritedEnvironment.merging(plugin.environment) { $1 }
        environment["KUBERNETES_EXEC_INFO"] = info.text()
        let result = try await Command([plugin.command] + plugin.arguments, environment: environment)
            .run(timeout: .seconds(60))
        guard result.succeeded else {
            let hint = plugin.installHint.map { "; \($0)" } ?? ""
            throw KubeError(
                .config, "the credential plugin failed: \(result.standardError)\(hint)", context: result.commandLine)
        }
        guard let status = try JSONValue(parsing: result.standardOutput)["status"] else {
            throw KubeError(.config, "the credential plugin printed no status", context: result.commandLine)
        }
        return status
    }
}
