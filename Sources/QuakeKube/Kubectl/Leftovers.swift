import FoundationEssentials
import QuakeBase
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The commands that a killed run has left under way on this machine. A `kubectl cordon` that was only just starting
/// would cordon the node after it had been put back.
package enum Leftovers {
    /// In the environment of each command of a run: the run's name.
    private static let variable = "PEERQUAKE_RUN"
    private static let run = Mutex<String?>(nil)

    /// From now on, commands that this process starts belong to a run.
    package static func mark(with name: String) { run.withLock { $0 = name } }

    /// What a command's environment has besides its own.
    static var marks: [String: String] { run.withLock { name in name.map { [variable: $0] } ?? [:] } }

    /// Kills a dead run's commands, each with its session, and waits until they are gone.
    ///
    /// - Returns: their command lines.
    /// - Throws: `.timeout` if one cannot be killed, `.cancelled`.
    package static func end(of run: String, within limit: Duration = .seconds(5)) async throws(KubeError) -> [String] {
        var found: [pid_t: String] = [:]
        do {
            return try await poll(until: "the end of \(run)'s commands", within: limit, every: .milliseconds(20)) {
                () -> Look<[String]> in
                let processes = processes(of: run)
                if processes.isEmpty { return .met(found.values.sorted()) }
                for process in processes {
                    found[process] = found[process] ?? commandLine(process)
                    // Each is the leader of a session, or belongs to one whose leader is in the list.
                    if kill(-process, SIGKILL) != 0 { kill(process, SIGKILL) }
                }
                return .notYet(processes.compactMap { found[$0] }.joined(separator: "; "))
            }
        } catch let timeout as PollTimeout {
            throw KubeError(.timeout, "commands of \(run) do not end: \(timeout.last)")
        } catch {
            throw KubeError(.cancelled, "no longer waiting for commands of \(run) to end")
        }
    }

    /// Zombies have no environment any more.
    private static func processes(of run: String) -> [pid_t] {
        let entry = Array("\(variable)=\(run)".utf8)
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let process = pid_t(name), process > 1, process != getpid(),
                let environment = FileManager.default.contents(atPath: "/proc/\(name)/environ"),
                environment.split(separator: 0).contains(where: { $0.elementsEqual(entry) })
            else { return nil }
            return process
        }
    }

    private static func commandLine(_ process: pid_t) -> String {
        let bytes = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
}
