import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakeRun
import QuakeShell
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
        let program = try OwnProgram.path()
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
        commandName: "watchdog", abstract: "Restore killed nodes of a run when their deadline has passed.",
        shouldDisplay: false)

    @Argument(help: "The run's directory.", transform: Checked.directory)
    var directory: String

    /// How far beyond the run's end a deadline may lie.
    private static let patience = Duration.seconds(24 * 3600)

    func run() async throws {
        signal(SIGINT, SIG_IGN)
        let limit = ContinuousClock.now + Self.patience
        var begun: Set<Int> = []
        var healings: [Task<Void, Never>] = []
        var hasEnded = false
        while ContinuousClock.now < limit {
            let isAlone = runnerIsGone()
            // The journal is read, never written: `recover` goes on with it.
            let journal = try? Journal(openingIn: directory)
            let open = (journal?.entries ?? []).filter {
                $0.status != .reverted && !begun.contains($0.id) && Self.isNode($0)
            }
            let now = Int64(Date.now.timeIntervalSince1970 * 1000)
            let due = open.filter { $0.deadlineUnixMillis.map { $0 <= now } ?? false }
            if let header = journal?.header, !due.isEmpty {
                begun.formUnion(due.map(\.id))
                // Beside those under way: a node that does not turn Ready keeps no other one waiting.
                healings.append(Task { [directory] in await WatchdogHealing(directory, header).heal(due) })
            }
            if isAlone, !hasEnded, let run = journal?.header.run {
                hasEnded = true
                await endLeftovers(of: run)
            }
            if isAlone, open.count == due.count {
                for healing in healings { await healing.value }
                return
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func runnerIsGone() -> Bool {
        var poller = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
        guard poll(&poller, 1, 0) > 0 else { return false }
        if poller.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return true }
        // Not of a runner: a file at its end, as /dev/null, hangs up nothing.
        var byte: UInt8 = 0
        return read(0, &byte, 1) == 0
    }

    /// What a killed runner had under way, such as a long drain.
    private func endLeftovers(of run: String) async {
        do {
            for line in try await Leftovers.end(of: run) {
                complain("ended a command that the run had started: \(line)")
            }
        } catch {
            complain("\(error)")
        }
    }

    private static func isNode(_ entry: JournalEntry) -> Bool {
        switch HealingPlan.inverse(of: entry) {
        case .restoreNode, .renewNode: true
        default: false
        }
    }
}

/// What the watchdog does when deadlines have passed.
private struct WatchdogHealing {
    private let directory: String
    private let header: JournalHeader

    init(_ directory: String, _ header: JournalHeader) {
        self.directory = directory
        self.header = header
    }

    func heal(_ entries: [JournalEntry]) async {
        var sites: [String: @Sendable () async throws -> Cluster] = [:]
        for name in Set(entries.map(\.cluster)) {
            sites[name] = { [directory, header] in try await Self.reach(name, header, directory) }
        }
        var healer = Healer(sites, nodes: header.nodes)
        healer.isOpen = { [directory] entry in
            guard let journal = try? Journal(openingIn: directory) else { return true }
            return journal.entries.contains { $0.id == entry.id && $0.status != .reverted }
        }
        healer.tell = { Self.tell($0, $1) }
        _ = await healer.heal(entries, within: HealingLimit.least)
    }

    private static func reach(_ name: String, _ header: JournalHeader, _ directory: String) async throws -> Cluster {
        guard let context = header.contexts[name] else { throw HealingRefusal("the journal has no context of it") }
        let contexts = try ClusterBinding.bind(["\(name)=\(context)"], kubeconfig: header.kubeconfig)
        guard let bound = contexts[name] else { throw HealingRefusal("\(header.kubeconfig) has no \(context)") }
        var cluster = try await EnvironmentClusters.reach(
            name, bound, of: header, kubeconfig: header.kubeconfig, cache: directory)
        // Recovered from elsewhere, and broken by another run since: that one's to put back.
        let lock = LeaseLock(cluster.kube, holder: header.run, timeout: .seconds(2))
        cluster.permit = ClusterPermit { (try? await lock.otherHolder()) ?? nil }
        return cluster
    }

    private static func tell(_ entry: JournalEntry, _ news: Healer<ContinuousClock>.News) {
        let words = HealingPlan.inverse(of: entry)?.words ?? entry.about
        let end =
            switch news {
            case .delayed(let why): "not yet: \(why)"
            case .ended(.healed): "done"
            case .ended(.withheld(let holder)):
                "\(entry.cluster) is now held by \(holder): nothing was touched"
            case .ended(let outcome): outcome.text
            }
        complain("\(Date.now.formatted(.iso8601)) deadline passed: \(words) on \(entry.cluster): \(end)")
    }
}
