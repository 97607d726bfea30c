import FoundationEssentials
import QuakeTimeline
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Embedded clusters in a child process, which ends when this process does, however that dies.
enum EmbeddedChild {
    /// Starts the child, calls `body` with the path of its kubeconfig once it is ready, and ends it.
    static func with<Result: Sendable>(
        configs: [String], folder: String, _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let kubeconfig = "\(folder)/kubeconfig"
        try? FileManager.default.removeItem(atPath: kubeconfig)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var arguments = ["embedded", "--until-eof", "--kubeconfig", kubeconfig]
        for config in configs { arguments += ["--config", config] }
        // Its input is a pipe that this process holds: the end of the one is the end of the other.
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.internalError, "no pipe for the embedded clusters") }
        let (reader, writer) = (ends[0], ends[1])
        _ = fcntl(writer, F_SETFD, FD_CLOEXEC)
        var options = PlatformOptions()
        options.createSession = true
        let log = "\(folder)/embedded.log"
        let output = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead])
        let child = Task {
            try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options,
                input: .fileDescriptor(FileDescriptor(rawValue: reader), closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                error: .fileDescriptor(output, closeAfterSpawningProcess: false))
        }
        defer { close(writer) }
        try await awaitFile(kubeconfig, log: log)
        let result = try await body(kubeconfig)
        close(writer)
        _ = try? await child.value
        try? output.close()
        return result
    }

    private static func awaitFile(_ path: String, log: String) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if FileManager.default.fileExists(atPath: path) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        let said = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw Failure(.unavailable, "the embedded clusters did not start within 30 s: \(said)")
    }
}
