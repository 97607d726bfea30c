import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeRun
import QuakeTimeline

/// `peerquake recover RUN`.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Put back what a run changed that could not do so itself.",
        discussion: """
            Reads the run's journal backwards and undoes what is not undone. Safe to repeat.

            EXAMPLE
              peerquake recover runs/first
              peerquake recover --kubeconfig kc         # from another machine: the clusters keep the journal too
            """)

    @Argument(help: "The run's directory; without it, what the clusters themselves have kept of the journal is undone.")
    var directory: String?

    @Option(help: "The kubeconfig; by default the one that the run used.")
    var kubeconfig: String?

    @Option(name: .customLong("cluster"), help: "NAME=CONTEXT, where there is no directory; by default every context.")
    var bindings: [String] = []

    func run() async throws {
        if let directory { return try await recover(directory) }
        try await recoverFromClusters()
    }

    private func recover(_ directory: String) async throws {
        let journal: Journal
        do throws(ArchiveError) {
            journal = try Journal(openingIn: directory)
        } catch {
            throw Failure(.usage, "\(error)")
        }
        let header = journal.header
        let path = kubeconfig ?? header.kubeconfig
        let contexts = try ClusterBinding.bind(header.contexts.map { "\($0.key)=\($0.value)" }, kubeconfig: path)
        let clusters = try await EnvironmentClusters.open(contexts, kubeconfig: path, cache: directory)
        try await heal(journal, clusters)
    }

    /// From another machine: the kubeconfig is all there is.
    private func recoverFromClusters() async throws {
        let environment = Command.inheritedEnvironment
        let path = kubeconfig ?? environment["KUBECONFIG"] ?? "\(environment["HOME"] ?? "")/.kube/config"
        let folder = FileManager.default.temporaryDirectory.path + "/" + RunID.make("recover")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bound = try ClusterBinding.bind(bindings, kubeconfig: path)
        let clusters = try await EnvironmentClusters.open(bound, kubeconfig: path, cache: folder)
        var kept: [String: (header: JournalHeader, clusters: [String: Cluster], entries: [JournalEntry])] = [:]
        for cluster in clusters.values.sorted(by: { $0.name < $1.name }) {
            guard let found = try await JournalMirror.read(cluster.kube) else { continue }
            var run = kept[found.header.run] ?? (found.header, [:], [])
            // The run's own name for it, which may be another one than this kubeconfig's.
            let name = found.header.uids.first { $0.value == cluster.uid }?.key ?? cluster.name
            run.clusters[name] = cluster
            run.entries += found.entries
            kept[found.header.run] = run
        }
        if kept.isEmpty { print("no cluster of \(path) has kept a journal: there is nothing to undo") }
        for (run, found) in kept.sorted(by: { $0.key < $1.key }) {
            let place = "\(folder)/\(run)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let journal = try Journal(creatingIn: place, header: found.header)
            for entry in found.entries.sorted(by: { $0.id < $1.id }) { try journal.append(entry) }
            try await heal(journal, found.clusters)
            // Clusters of the run in which nothing was left to undo.
            for cluster in clusters.values { try? await LeaseLock(cluster.kube, holder: run).release() }
        }
    }

    private func heal(_ journal: Journal, _ clusters: [String: Cluster]) async throws {
        let header = journal.header
        var locks: [LeaseLock] = []
        for cluster in clusters.values.sorted(by: { $0.uid < $1.uid }) {
            // The same holder: the run's own Lease is taken over at once, another run's is respected.
            let lock = LeaseLock(cluster.kube, holder: header.run)
            do throws(KubeError) {
                try await lock.acquire()
            } catch {
                throw Failure(.unavailable, "\(cluster.name): \(error)")
            }
            locks.append(lock)
        }
        let healer = Healer(journal: journal, clusters: clusters) { entry, outcome in
            switch outcome {
            case .begun: break
            case .healed: print("\(entry.cluster): undone: \(entry.about)")
            case .failed(let why): complain("\(entry.cluster): NOT undone: \(entry.about): \(why)")
            }
        }
        let failures = await healer.heal()
        for lock in locks { try? await lock.release() }
        if failures > 0 { throw ExitCode(PeerquakeExit.cleanupIncomplete.rawValue) }
        print("everything that run \(header.run) changed is as before")
    }
}
