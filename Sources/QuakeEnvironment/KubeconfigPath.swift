import FoundationEssentials
import QuakeKube
import QuakeShell
import QuakeTimeline

/// Which kubeconfig a command and the kubectl that it starts use.
package enum KubeconfigPath {
    /// What is given, else what kubectl would read. Where that is nothing, inside a pod, a file in `folder` that names the
    /// pod's own account by its files.
    package static func find(_ given: String?, folder: String) throws -> String {
        if let given { return given }
        let environment = Command.inheritedEnvironment
        let path = Kubeconfig.defaultPath(environment)
        // What is wrong with it is told where its contexts are looked up.
        guard let config = try? Kubeconfig.load(environment: environment), config.paths.isEmpty else { return path }
        let here = folder.hasPrefix("/") ? "" : FileManager.default.currentDirectoryPath + "/"
        // Whoever recovers the run may stand elsewhere.
        let own = "\(here)\(folder)/kubeconfig"
        do {
            try Data(config.yaml().utf8).write(to: URL(filePath: own))
        } catch {
            throw Failure(.usage, "\(own) cannot be written: \(error)")
        }
        return own
    }
}
