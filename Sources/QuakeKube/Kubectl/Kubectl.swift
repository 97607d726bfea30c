/// The `kubectl` binary, bound to one kubeconfig and context.
///
/// Its environment is the caller's without any KUBE* variable, so that nothing of the user's changes what a run does,
/// while credential plugins still find their own.
package struct Kubectl: Sendable {
    /// A path, or a name that is looked up in PATH.
    package var binary: String
    package var kubeconfigPath: String
    package var context: String
    /// Discovery caches outlive a server on the same port: each run has a directory of its own.
    package var cacheDirectory: String
    /// The environment to scrub; `nil` is this process's own.
    package var environment: [String: String]?

    package init(
        binary: String = "kubectl", kubeconfigPath: String, context: String, cacheDirectory: String,
        environment: [String: String]? = nil
    ) {
        self.binary = binary
        self.kubeconfigPath = kubeconfigPath
        self.context = context
        self.cacheDirectory = cacheDirectory
        self.environment = environment
    }

    /// Standard output or standard error.
    package typealias OutputStream = Command.OutputStream

    /// Runs `kubectl ARGUMENTS` and waits for its end; see ``Command/run(timeout:onLine:)``. A failure of the command
    /// is a result, not an error.
    ///
    /// - Parameter input: what it reads as its standard input, as `-f -` does.
    package func run(
        _ arguments: [String], input: [UInt8]? = nil, timeout: Duration = .seconds(60),
        onLine: (@Sendable (OutputStream, String) -> Void)? = nil
    ) async throws(KubeError) -> CommandResult {
        let options = ["--context", context, "--cache-dir", cacheDirectory]
        var command = command(options + arguments)
        command.standardInput = input
        return try await command.run(timeout: timeout, onLine: onLine)
    }

    private func command(_ arguments: [String]) -> Command {
        let own = ["KUBECONFIG": kubeconfigPath]
        let kept = (environment ?? Command.inheritedEnvironment).filter { !$0.key.hasPrefix("KUBE") }
        return Command([binary] + arguments, environment: kept.merging(own) { $1 }, shownEnvironment: own)
    }

    /// What `kubectl version --client` says.
    package struct Version: Sendable, Equatable, Codable {
        /// `v1.32.4`, without a vendor's suffix.
        package var gitVersion: String
        package var major: Int
        package var minor: Int
        /// Google's dispatcher, which may run another minor of itself, by the server's version.
        package var isDispatcher: Bool

        package init(gitVersion: String, major: Int, minor: Int, isDispatcher: Bool) {
            self.gitVersion = gitVersion
            self.major = major
            self.minor = minor
            self.isDispatcher = isDispatcher
        }

        /// Reads `kubectl version --client -o json`.
        ///
        /// - Throws: `.decoding` if it is not that.
        package init(parsing output: String) throws(KubeError) {
            let client = try JSONValue(parsing: output)["clientVersion"]
            let full = client?["gitVersion"]?.stringValue ?? ""
            // A vendor appends to the minor (`32+`) and to the version (`-dispatcher`, `-gke.1`).
            let plain = full.prefix { $0 != "-" && $0 != "+" }
            let parts = plain.drop { $0 == "v" }.split(separator: ".").map { Int($0) }
            guard parts.count >= 2, let major = parts[0], let minor = parts[1] else {
                throw KubeError(.decoding, "no client version", context: "kubectl version --client")
            }
            self.init(
                gitVersion: String(plain), major: major, minor: minor, isDispatcher: full.hasSuffix("-dispatcher"))
        }
    }

    /// Asks the binary for its own version; no server is asked.
    package func clientVersion() async throws(KubeError) -> Version {
        let result = try await command(["version", "--client", "-o", "json"]).run(timeout: .seconds(20))
        guard result.succeeded else {
            throw KubeError(
                .command, "says no version: \(result.standardError)", context: result.commandLine)
        }
        return try Version(parsing: result.standardOutput)
    }
}
