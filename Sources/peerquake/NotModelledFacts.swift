import QuakeArchive
import QuakeCluster
import QuakeEmbedded

/// Says in a run's archive, and so in its report, what embedded clusters were asked to do and leave out.
enum NotModelledFacts {
    static func record(of clusters: [String: Cluster], in archive: ArchiveWriter) async {
        for (name, cluster) in clusters where cluster.power is EmbeddedPower {
            guard let objects = try? await EmbeddedFidelity(cluster.kube).notModelled(), !objects.isEmpty else {
                continue
            }
            archive.setFact("\(name) not modelled", objects.joined(separator: "; "))
        }
    }
}
