import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeRun
import QuakeTimeline
import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The dead-man's switch: a process of its own session that puts killed nodes back when their deadline has passed,
/// whatever became of the run.
enum Watchdog {
    /// Starts one for a run's directory. It ends after this process, when nothing is left for it to put back.
    static func start(_ directory: String) throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(.internalError, "no pipe for the watchdog") }
        // The writing end stays open, unused, as long as this process lives.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var options = PlatformOptions()
        options.createSession = true
        let output = try FileDescriptor.open(
            FilePath("\(directory)/watchdog.log"), .writeOnly, options: [.create, .append],
            permissions: [.ownerReadWrite, .groupRead])
        let (reader, detached) = (ends[0], options)
        Task.detached {
            _ = try? await Subprocess.run(
                .path(FilePath(program)), arguments: ["watchdog", directory], platformOptions: detached,
                input: .fileDescriptor(FileDescriptor(rawValue: reader), closeAfterSpawningProcess: true),
                output: .fileDescriptor(output, closeAfterSpawningProcess: false),
                error: .fileDescriptor(output, closeAfterSpawningProcess: false))
        }
    }
}

/// `peerquake watchdog RUN`, which `run` starts by itself.
struct WatchdogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watchdog", abstract: "Put killed nodes of a run back when their deadline has passed.",
        shouldDisplay: false)

    @Argument(help: "The run's directory.", transform: Checked.directory)
    var directory: String

    /// How far beyond the run's end a deadline may lie.
    private static let patience = Duration.seconds(24 * 3600)

    func run() async throws {
        signal(SIGINT, SIG_IGN)
        let limit = ContinuousClock.now + Self.patience
        var done: Set<Int> = []
        var hasEnded = false
        while ContinuousClock.now < limit {
            let isAlone = runnerIsGone()
            // The journal is read, never written: `recover` goes on with it.
            let journal = try? Journal(openingIn: directory)
            if isAlone, !hasEnded, let run = journal?.header.run {
                hasEnded = true
                await endLeftovers(of: run)
            }
            let open = (journal?.entries ?? []).filter {
                $0.status != .reverted && !done.contains($0.id) && Self.isNode($0)
            }
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            for entry in open.reversed() where entry.deadlineUnixMillis.map({ $0 <= now }) ?? false {
                guard let journal else { continue }
                done.insert(entry.id)
                await restore(entry, journal.header)
            }
            if isAlone, open.allSatisfy({ done.contains($0.id) }) { return }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func runnerIsGone() -> Bool {
        var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, 0) > 0 else { return false }
        return poller.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
    }

    /// What a killed runner had under way, such as a long drain.
    private func endLeftovers(of run: String) async {
        do {
            for line in try await Leftovers.end(of: run) { complain("ended what the run had under way: \(line)") }
        } catch {
            complain("\(error)")
        }
    }

    private static func isNode(_ entry: JournalEntry) -> Bool {
        switch Healer.inverse(of: entry) {
        case .restoreNode, .renewNode: true
        default: false
        }
    }

    private func restore(_ entry: JournalEntry, _ header: JournalHeader) async {
        guard let inverse = Healer.inverse(of: entry), let context = header.contexts[entry.cluster] else { return }
        do {
            let contexts = try ClusterBinding.bind(
                ["\(entry.cluster)=\(context)"], kubeconfig: header.kubeconfig)
            let clusters = try await EnvironmentClusters.open(
                contexts, kubeconfig: header.kubeconfig, cache: directory)
            guard let cluster = clusters[entry.cluster], cluster.uid == entry.clusterUID else {
                return complain("\(entry.cluster) is another cluster by now: nothing was touched")
            }
            // Recovered from elsewhere, and broken by another run since: that one's to put back.
            if let other = try? await LeaseLock(cluster.kube, holder: header.run).otherHolder() {
                return complain("\(entry.cluster) is held by \(other) by now: nothing was touched")
            }
            try await inverse.revert(on: cluster)
            complain("\(Date.now.formatted(.iso8601)) deadline passed: \(inverse.words) on \(entry.cluster): done")
        } catch {
            complain("\(Date.now.formatted(.iso8601)) deadline passed: \(inverse.words) on \(entry.cluster): \(error)")
        }
    }
}
