import FoundationEssentials
import QuakeBase
package import QuakeEmbedded
import QuakeShell
import QuakeShipped
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
package enum EmbeddedChild {
    private static let startLimit = Duration.seconds(30)

    /// The clusters' shapes, out of kind configs. What is to be known of them is written to standard error.
    ///
    /// - Throws: ``Failure`` with all that is wrong with all of them, and for two of one name.
    package static func shapes(_ wanted: WantedShapes) throws -> [ClusterShape] {
        var shapes: [(path: String, shape: ClusterShape)] = []
        var problems: [String] = []
        func add(_ path: String, _ read: () throws(EmbeddedError) -> ClusterShape) {
            do throws(EmbeddedError) {
                shapes.append((path, try read()))
            } catch {
                problems.append("\(error)")
            }
        }
        switch wanted {
        case .files(let paths):
            for path in paths { add(path) { () throws(EmbeddedError) in try ClusterShape.load(path: path) } }
        case .pair(let timing):
            for file in timing.configs {
                add(file.path) { () throws(EmbeddedError) in try ClusterShape.parse(file.text, file: file.path) }
            }
        }
        guard problems.isEmpty else { throw ConfigFiles.refused(problems) }
        try ConfigFiles.check(shapes.map { ($0.path, $0.shape.name, $0.shape.isNamed) })
        for (_, shape) in shapes { for warning in shape.warnings { complain(warning) } }
        return shapes.map(\.shape)
    }

    /// Starts the child, calls `body` with the path of its kubeconfig once it is ready, and ends it.
    ///
    /// Where the child dies, waiting for it ends at once; where it dies under `body`, that is told to `lost` and `body` is
    /// cancelled, for nothing is left that could be healed.
    static func with<Result: Sendable>(
        _ shapes: WantedShapes, folder: String, lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result {
        let kubeconfig = "\(folder)/kubeconfig"
        try? FileManager.default.removeItem(atPath: kubeconfig)
        let child = try Child(shapes, kubeconfig: kubeconfig, log: "\(folder)/embedded.log")
        let work = Task {
            try await child.awaitReady(kubeconfig, within: startLimit)
            return try await body(kubeconfig)
        }
        let watch = Task {
            let end = await child.end()
            guard !Task.isCancelled else { return }
            lost(end)
            work.cancel()
        }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        watch.cancel()
        // Whatever else failed then, failed for this.
        if case .failure = result, let words = child.ownEnd { throw Failure(.unavailable, words) }
        await child.stop()
        return try result.get()
    }
}

/// The process that hosts embedded clusters.
private final class Child: Sendable {
    private let log: String
    /// The writing end of its input, which is a pipe that this process holds: the end of the one is the end of the other.
    private let input: Int32
    private let task: Task<Void, Never>
    /// How it ended; `nil` while it lives.
    private let ending: EndingBox

    private final class EndingBox: Sendable {
        let value = Mutex<String?>(nil)
    }

    init(_ shapes: WantedShapes, kubeconfig: String, log: String) throws {
        let program = try OwnProgram.path()
        let arguments = ["embedded", "--until-eof", "--kubeconfig", kubeconfig] + shapes.options
        let output = try FileDescriptor.open(
            FilePath(log), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite, .groupRead])
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            try? output.close()
            throw Failure(.internalError, "no pipe for the embedded clusters")
        }
        let reader = FileDescriptor(rawValue: ends[0])
        input = ends[1]
        _ = fcntl(input, F_SETFD, FD_CLOEXEC)
        self.log = log
        let ending = EndingBox()
        self.ending = ending
        task = Task { [arguments] in
            var options = PlatformOptions()
            options.createSession = true
            let words: String
            do {
                let record = try await Subprocess.run(
                    .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options,
                    input: .fileDescriptor(reader, closeAfterSpawningProcess: true),
                    output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                    error: .fileDescriptor(output, closeAfterSpawningProcess: false))
                words = "\(record.terminationStatus)"
            } catch {
                words = "\(error)"
            }
            try? output.close()
            ending.value.withLock { $0 = words }
        }
    }

    /// Waits until it serves.
    ///
    /// - Throws: ``Failure`` where it does not in time, and as soon as it is dead.
    func awaitReady(_ kubeconfig: String, within limit: Duration) async throws {
        do {
            try await poll(until: "the embedded clusters", within: limit, every: .milliseconds(20)) {
                if FileManager.default.fileExists(atPath: kubeconfig) { return Look.met(()) }
                if let words = ownEnd { throw Failure(.unavailable, words) }
                return .notYet(said)
            }
        } catch let error as PollTimeout {
            throw Failure(.unavailable, "\(error)")
        }
    }

    /// How it ended by itself; `nil` while it lives.
    var ownEnd: String? { ending.value.withLock { $0 }.map(told) }

    /// Waits for its end, and says how it came.
    func end() async -> String {
        await task.value
        return ownEnd ?? ""
    }

    func stop() async {
        close(input)
        await task.value
    }

    private func told(_ words: String) -> String { "the embedded clusters ended by themselves (\(words)): \(said)" }

    /// What it wrote last.
    private var said: String {
        let text = FileManager.default.contents(atPath: log).map { String(decoding: $0.suffix(2000), as: UTF8.self) }
        let lines = (text ?? "").split(separator: "\n").filter { $0 != "ready" }
        return lines.isEmpty ? "they said nothing" : lines.joined(separator: "\n")
    }
}
