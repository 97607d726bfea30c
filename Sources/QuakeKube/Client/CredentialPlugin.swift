import FoundationEssentials
import QuakeYAML
import Synchronization

/// One identity that a command tells, as client-go's exec plugins do (`plugin/pkg/client/auth/exec`): what it has said
/// counts until it expires or a server refuses it. However many requests wait for it, it runs once.
actor CredentialPlugin {
    /// What the command said.
    struct Answer: Sendable, Equatable {
        /// Tells answers apart.
        var number: Int
        var token: String?
        var certificate: [UInt8]?
        var key: [UInt8]?
        var expires: Date?
    }

    private static let all = Mutex<[String: CredentialPlugin]>([:])

    /// The one for this command, its arguments and environment, and what it is told of the cluster.
    static func of(_ plugin: Kubeconfig.ExecPlugin, _ cluster: Kubeconfig.Cluster) -> CredentialPlugin {
        // The environment tells identities apart as the arguments do: one command, many profiles.
        let variables = plugin.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let told = plugin.providesClusterInfo ? "\(cluster)" : ""
        let key = ([plugin.apiVersion, plugin.command] + plugin.arguments + variables + [told]).joined(
            separator: "\u{0}")
        return all.withLock { all in
            if let known = all[key] { return known }
            let new = CredentialPlugin(plugin, cluster)
            all[key] = new
            return new
        }
    }

    private let plugin: Kubeconfig.ExecPlugin
    private let cluster: Kubeconfig.Cluster
    private var last: Answer?
    private var count = 0
    private var asking: Task<Result<Answer, KubeError>, Never>?

    private init(_ plugin: Kubeconfig.ExecPlugin, _ cluster: Kubeconfig.Cluster) {
        self.plugin = plugin
        self.cluster = cluster
    }

    /// What it says now.
    ///
    /// - Parameter refused: the number of an answer that a server has refused.
    /// - Throws: `.config` with what the command said.
    func answer(insteadOf refused: Int? = nil) async throws(KubeError) -> Answer {
        if let last, last.number != refused, last.expires.map({ $0 > Date.now }) ?? true { return last }
        if let asking { return try await asking.value.get() }
        count += 1
        let task = Task { [plugin, cluster, count] () -> Result<Answer, KubeError> in
            do throws(KubeError) {
                return .success(try await Self.run(plugin, cluster, number: count))
            } catch {
                return .failure(error)
            }
        }
        asking = task
        let result = await task.value
        asking = nil
        last = try result.get()
        return try result.get()
    }

    private static func run(
        _ plugin: Kubeconfig.ExecPlugin, _ cluster: Kubeconfig.Cluster, number: Int
    ) async throws(KubeError) -> Answer {
        var environment = Command.inheritedEnvironment.merging(plugin.environment) { $1 }
        environment["KUBERNETES_EXEC_INFO"] = try info(plugin, cluster).text()
        let command = Command([plugin.command] + plugin.arguments, environment: environment)
        let result: CommandResult
        do throws(KubeError) {
            result = try await command.run(timeout: .seconds(60))
        } catch {
            throw KubeError(.config, error.message + hint(plugin), context: error.context, cause: error.cause)
        }
        guard result.succeeded else {
            throw KubeError(
                .config, "the credential plugin failed: \(result.standardError)\(hint(plugin))",
                context: result.commandLine)
        }
        do throws(KubeError) {
            return try read(result.standardOutput, plugin.apiVersion, number)
        } catch {
            throw error.within(result.commandLine)
        }
    }

    private static func hint(_ plugin: Kubeconfig.ExecPlugin) -> String { plugin.installHint.map { "; \($0)" } ?? "" }

    /// What it is told of who asks, and of the cluster where it wants to know.
    private static func info(
        _ plugin: Kubeconfig.ExecPlugin, _ cluster: Kubeconfig.Cluster
    ) throws(KubeError) -> JSONValue {
        var info: JSONValue = [
            "apiVersion": .string(plugin.apiVersion), "kind": "ExecCredential", "spec": ["interactive": false],
        ]
        guard plugin.providesClusterInfo else { return info }
        var about: JSONValue = ["server": .string(cluster.server)]
        if let name = cluster.tlsServerName { about["tls-server-name"] = .string(name) }
        if cluster.skipsVerification { about["insecure-skip-tls-verify"] = true }
        if let authority = try cluster.certificateAuthority?.read() {
            about["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        if let proxy = cluster.proxyURL { about["proxy-url"] = .string(proxy) }
        if cluster.disablesCompression { about["disable-compression"] = true }
        if let config = cluster.execConfig { about["config"] = config }
        info.set(about, at: "spec", "cluster")
        return info
    }

    private static func read(_ output: String, _ version: String, _ number: Int) throws(KubeError) -> Answer {
        let said = try JSONValue.manifests(output, file: "its output").first ?? .null
        guard said["kind"]?.stringValue == "ExecCredential", let own = said["apiVersion"]?.stringValue else {
            throw KubeError(.config, "the credential plugin printed no ExecCredential")
        }
        guard own == version else {
            throw KubeError(.config, "the credential plugin is configured for \(version), and printed \(own)")
        }
        guard let status = said["status"], status.objectValue != nil else {
            throw KubeError(.config, "the credential plugin printed no status")
        }
        func text(_ key: String) -> String? { status[key]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
        var answer = Answer(
            number: number, token: text("token"), certificate: text("clientCertificateData").map { Array($0.utf8) },
            key: text("clientKeyData").map { Array($0.utf8) })
        guard answer.token != nil || answer.certificate != nil || answer.key != nil else {
            throw KubeError(.config, "the credential plugin printed neither a token nor a certificate with its key")
        }
        guard (answer.certificate == nil) == (answer.key == nil) else {
            throw KubeError(.config, "the credential plugin printed a certificate or a key, and not both")
        }
        guard HeaderField.isValue(answer.token ?? "") else {
            throw KubeError(.config, "a header cannot have the token that the credential plugin printed")
        }
        if let stamp = text("expirationTimestamp") {
            guard let date = Timestamp.date(stamp) else {
                throw KubeError(.config, "the credential plugin printed the expirationTimestamp \(stamp)")
            }
            answer.expires = date
        }
        return answer
    }
}

/// Points in time as RFC 3339 writes them.
enum Timestamp {
    /// `nil` for anything else.
    static func date(_ text: String) -> Date? {
        let pattern = #/(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))/#
        guard let match = text.wholeMatch(of: pattern),
            let year = Int(match.1), let month = Int(match.2), (1...12).contains(month), let day = Int(match.3),
            let hour = Int(match.4), let minute = Int(match.5), let second = Int(match.6)
        else { return nil }
        let fraction = match.7.flatMap { Double("0\($0)") } ?? 0
        var offset = (Int(match.9 ?? "0") ?? 0) * 3600 + (Int(match.10 ?? "0") ?? 0) * 60
        if match.8 == "-" { offset = -offset }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// Days since 1970 of the Gregorian calendar; March begins its year, so that the leap day is the last one.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
