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

    package init(binary: String = "kubectl", kubeconfigPath: String, context: String, cacheDirectory: String) {
        self.binary = binary
        self.kubeconfigPath = kubeconfigPath
        self.context = context
        self.cacheDirectory = cacheDirectory
    }

    /// Where a line of output came from.
    package enum OutputStream: String, Sendable, Codable {
        case standardOutput
        case standardError
    }

    /// Runs `kubectl ARGUMENTS` and waits for its end. A failure of the command is a result, not an error; so is its
    /// time-out, at which its whole process group is killed.
    ///
    /// - Parameters:
    ///   - timeout: from the start; then SIGTERM, 2 s later SIGKILL.
    ///   - onLine: gets each line while it runs, without its newline; of one stream in order, the two streams as they
    ///     come.
    /// - Throws: `.command` if it cannot be started, `.cancelled` after it was killed because the task was.
    package func run(
        _ arguments: [String], timeout: Duration = .seconds(60),
        onLine: (@Sendable (OutputStream, String) -> Void)? = nil
    ) async throws(KubeError) -> CommandResult {
        throw KubeError(.command, "no runner")
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
    }

    /// Asks the binary for its own version; no server is asked.
    package func clientVersion() async throws(KubeError) -> Version {
        throw KubeError(.command, "no runner")
    }
}
