import QuakeArchive
import QuakeCluster

/// Says in a run's archive, and so in its report, what clusters that are models were asked to do and leave out.
enum NotModelledFacts {
    static func record(of clusters: [String: Cluster], in archive: ArchiveWriter) async {
        for (name, cluster) in clusters {
            guard let objects = try? await cluster.notModelled?(), !objects.isEmpty else { continue }
            archive.setFact("\(name) not modelled", objects.joined(separator: "; "))
        }
    }
}
