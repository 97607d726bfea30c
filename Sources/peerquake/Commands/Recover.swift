import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakePlan
import QuakeRun
import QuakeShell
import QuakeTimeline

/// `peerquake recover RUN`.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Undo what a run changed and could not undo itself.",
        discussion: """
            Reads the run's journal backwards and undoes what is not undone. Safe to repeat. With a directory the clusters \
            are those of the run, whatever peerquake.yaml says; without one, its kubeconfig and contexts count.

            EXAMPLE
              peerquake recover runs/first
              peerquake recover --kubeconfig kc         # from another machine: the clusters keep the journal too
            """)

    @Argument(
        help: "The run's directory; without it, the part of the journal that the clusters keep is undone.",
        transform: Checked.path)
    var directory: String?

    @Option(help: "The kubeconfig; by default the one that the run used.", transform: Checked.kubeconfig)
    var kubeconfig: String?

    @Option(
        name: .customLong("cluster"), help: "NAME=CONTEXT, without a directory; by default every context.",
        transform: ClusterArgument.read)
    var bindings: [ClusterArgument] = []

    func validate() throws {
        try ClusterArgument.check(bindings)
        if directory != nil, let first = bindings.first {
            throw ValidationError(
                "--cluster \(first.text): a run's directory says which clusters it used; leave one out")
        }
    }

    @Option(help: "How long to retry what fails.")
    var within = "5m"

    @OptionGroup var log: LogOptions

    func run() async throws {
        log.apply()
        guard let limit = Quantity.duration(within), limit > .zero else {
            throw Failure(.usage, "--within \(within): not a duration (for example 30s or 5m)")
        }
        if let directory { return try await recover(directory, limit) }
        try await recoverFromClusters(limit)
    }

    private func recover(_ directory: String, _ limit: Duration) async throws {
        let journal: Journal
        do throws(ArchiveError) {
            journal = try Journal(openingIn: directory)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        let header = journal.header
        if ArchiveReader.isRunning(directory) {
            throw Failure(
                .unavailable, "run \(header.run) is still in progress",
                hint: "Interrupt it: it restores what it changed.")
        }
        for line in try await Leftovers.end(of: header.run) {
            complain("ended a command that the run had started: \(line)")
        }
        let path = kubeconfig ?? header.kubeconfig
        let contexts = try ClusterBinding.bind(header.contexts.map { "\($0.key)=\($0.value)" }, kubeconfig: path)
        let sites = contexts.map { name, context in
            RecoverySite(name, KubeClient(context), of: header.run) {
                try await EnvironmentClusters.reach(name, context, of: header, kubeconfig: path, cache: directory)
            }
        }
        let exit = await Recovery(journal: journal, sites: sites).heal(within: limit)
        guard exit == .pass else { throw ExitCode(exit.rawValue) }
        say("everything that run \(header.run) changed is restored")
    }

    /// From another machine: the kubeconfig is all there is.
    private func recoverFromClusters(_ limit: Duration) async throws {
        let settings = try Settings(
            flags: [.kubeconfig: [kubeconfig].compactMap { $0 }, .contexts: bindings.map(\.text)],
            environment: Command.inheritedEnvironment)
        let bindings = try settings.contexts()
        let folder = FileManager.default.temporaryDirectory.path + "/" + RunID.make("recover")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = try KubeconfigPath.find(settings.text(.kubeconfig), folder: folder)
        var exits: [PeerquakeExit] = []
        var clusters: [Cluster] = []
        var kept: [String: KeptRun] = [:]
        for (name, context) in try ClusterBinding.bind(bindings, kubeconfig: path).sorted(by: { $0.key < $1.key }) {
            // One that does not answer must not keep the others broken.
            do {
                let opened = try await EnvironmentClusters.open([name: context], kubeconfig: path, cache: folder)
                guard let cluster = opened[name] else { continue }
                clusters.append(cluster)
                try await KeptRun.read(cluster, into: &kept)
            } catch {
                complain("\(error)\nnothing was undone there; --cluster NAME=CONTEXT names those that matter")
                exits.append(.unavailable)
            }
        }
        if bindings.isEmpty, try ClusterBinding.leavesOutServers(path) { exits.append(.unavailable) }
        if kept.isEmpty { say("no cluster of \(path) has kept a journal: there is nothing to undo") }
        for (run, found) in kept.sorted(by: { $0.key < $1.key }) {
            do {
                exits.append(try await recover(found, in: folder, limit))
            } catch let failure as Failure {
                complain("\(failure)")
                exits.append(failure.code)
            }
            // Clusters of the run in which nothing was left to undo.
            for cluster in clusters { try? await LeaseLock(cluster.kube, holder: run).release() }
        }
        let exit = PeerquakeExit.deciding(exits)
        if exit != .pass { throw ExitCode(exit.rawValue) }
    }

    private func recover(_ found: KeptRun, in folder: String, _ limit: Duration) async throws -> PeerquakeExit {
        if try await found.isAlive() {
            throw Failure(
                .unavailable,
                "run \(found.header.run) still renews its Lease: it is still in progress, on this machine or another",
                hint: "Interrupt it there: it heals what it changed.")
        }
        let place = "\(folder)/\(found.header.run)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let journal = try Journal(creatingIn: place, header: found.header)
        for entry in found.entries.sorted(by: { $0.id < $1.id }) { try journal.append(entry) }
        let sites = found.clusters.map { name, cluster in
            RecoverySite(name, cluster.kube, of: found.header.run) { cluster }
        }
        let exit = await Recovery(journal: journal, sites: sites).heal(within: limit)
        guard exit == .pass else { return exit }
        let names = found.clusters.keys.sorted().joined(separator: ", ")
        say("what run \(found.header.run) changed on \(names) is restored")
        return .pass
    }
}

/// One cluster of a run that is recovered.
private struct RecoverySite {
    var name: String
    var kube: KubeClient
    /// The same holder: the run's own Lease is taken over at once, another run's is respected.
    var lock: ClusterLock
    var reach: @Sendable () async throws -> Cluster

    init(_ name: String, _ kube: KubeClient, of run: String, reach: @escaping @Sendable () async throws -> Cluster) {
        self.name = name
        self.kube = kube
        lock = ClusterLock(name, kube, holder: run)
        self.reach = reach
    }
}

/// Undoes what is left in a journal.
private struct Recovery {
    var journal: Journal
    var sites: [RecoverySite]

    func heal(within limit: Duration) async -> PeerquakeExit {
        let entries = journal.entries.filter { $0.status != .reverted }
        var reached: [String: @Sendable () async throws -> Cluster] = [:]
        for site in sites {
            reached[site.name] = { [lock = site.lock, reach = site.reach] in
                var cluster = try await reach()
                cluster.permit = lock.permit
                return cluster
            }
            site.lock.keep()
        }
        var healer = Healer(reached, nodes: journal.header.nodes)
        healer.write = { [journal] in try journal.append($0) }
        healer.tell = { Self.tell($0, $1) }
        let outcomes = await healer.heal(entries, within: limit)
        await mirror()
        for site in sites { _ = await site.lock.release() }
        return await exit(outcomes, entries)
    }

    /// The clusters' own copies follow, where they answer.
    private func mirror() async {
        var clusters: [String: Cluster] = [:]
        for site in sites where journal.entries.contains(where: { $0.cluster == site.name }) {
            guard var cluster = try? await site.reach() else { continue }
            cluster.permit = site.lock.permit
            clusters[site.name] = cluster
        }
        await JournalMirror(clusters).write(journal)
    }

    private static func tell(_ entry: JournalEntry, _ news: Healer<ContinuousClock>.News) {
        switch news {
        case .delayed(let why): complain("\(entry.cluster): not undone yet: \(entry.about): \(why)")
        case .ended(.healed): say("\(entry.cluster): undone: \(entry.about)")
        case .ended(let outcome) where outcome.isFinal: say("\(entry.cluster): \(entry.about): \(outcome.text)")
        case .ended(.failed(let why)): complain("\(entry.cluster): NOT undone: \(entry.about): \(why)")
        case .ended(let outcome): complain("\(entry.cluster): NOT undone: \(entry.about): \(outcome.text)")
        }
    }

    private func exit(_ outcomes: [Int: HealingOutcome], _ entries: [JournalEntry]) async -> PeerquakeExit {
        var exits: [PeerquakeExit] = []
        for entry in entries {
            switch outcomes[entry.id] {
            case .withheld: exits.append(.unavailable)
            case .failed:
                let kube = sites.first { $0.name == entry.cluster }?.kube
                let isThere = (try? await kube?.get(.namespace("kube-system"), timeout: .seconds(2))) != nil
                exits.append(isThere ? .cleanupIncomplete : .unavailable)
            default: break
            }
        }
        return PeerquakeExit.deciding(exits)
    }
}

/// What the clusters themselves have kept of one run's journal.
private struct KeptRun {
    var header: JournalHeader
    var clusters: [String: Cluster] = [:]
    var entries: [JournalEntry] = []

    /// Adds what a cluster has kept to its run.
    static func read(_ cluster: Cluster, into kept: inout [String: KeptRun]) async throws {
        guard let found = try await JournalMirror.read(cluster.kube) else { return }
        var run = kept[found.header.run] ?? KeptRun(header: found.header)
        // The run's own name for it, which may be another one than this kubeconfig's.
        let name = found.header.uids.first { $0.value == cluster.uid }?.key ?? cluster.name
        run.clusters[name] = cluster
        run.entries += found.entries
        kept[found.header.run] = run
    }

    /// A run renews its Leases every 5 s.
    private static let patience = Duration.seconds(7)

    /// Whether somebody renews the run's Leases. Clocks differ, so that it takes a while to see.
    func isAlive() async throws -> Bool {
        let before = await renewals()
        if before.isEmpty { return false }
        try await Task.sleep(for: Self.patience)
        let after = await renewals()
        return after.contains { cluster, renewed in before[cluster] != renewed }
    }

    /// Cluster → when the run's Lease in it was renewed last, where there is one.
    private func renewals() async -> [String: String] {
        var found: [String: String] = [:]
        for (name, cluster) in clusters {
            let lock = LeaseLock(cluster.kube, holder: header.run)
            guard let lease = try? await LeaseView(cluster.kube.get(lock.path)), lease.holder == header.run else {
                continue
            }
            found[name] = lease.renewed
        }
        return found
    }
}
