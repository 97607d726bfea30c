import ArgumentParser
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
            """)

    @Argument(help: "The run's directory.")
    var directory: String

    @Option(help: "The kubeconfig; by default the one that the run used.")
    var kubeconfig: String?

    func run() async throws {
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
