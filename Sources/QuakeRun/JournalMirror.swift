import FoundationEssentials
package import QuakeArchive
import QuakeBase
package import QuakeCluster
package import QuakeKube
import Synchronization

/// A copy of the journal in the clusters themselves: what each of them needs to be healed from another machine, with
/// nothing but its kubeconfig. One ConfigMap a cluster, which goes when nothing is left to undo.
package final class JournalMirror: Sendable {
    package static let path = ResourcePath.configMap("kube-system", "peerquake-journal")
    private static let key = "journal.ndjson"
    /// A cluster that does not answer must not hold up a run: the journal itself is on disk.
    private static let timeout = Duration.seconds(5)

    private let clusters: [String: Cluster]
    /// Writes follow each other, so that the last one is the newest.
    private let last = Mutex<Task<Void, Never>?>(nil)

    package init(_ clusters: [String: Cluster]) { self.clusters = clusters }

    /// Brings every cluster's copy up to what the journal says now, and returns when it is there or cannot be.
    package func write(_ journal: Journal) async {
        let next = last.withLock { last in
            let before = last
            let task = Task { [clusters] in
                await before?.value
                // All at once: one that does not answer keeps no other one waiting.
                await withTaskGroup { group in
                    for cluster in clusters.values {
                        group.addTask {
                            // What another run holds is that one's alone.
                            guard await cluster.permit?.otherHolder() == nil else { return }
                            try? await Self.write(journal, to: cluster)
                        }
                    }
                }
            }
            last = task
            return task
        }
        await next.value
    }

    private static func write(_ journal: Journal, to cluster: Cluster) async throws {
        let open = journal.entries.filter { $0.clusterUID == cluster.uid && $0.status != .reverted }
        let object = try await find(in: cluster)
        if open.isEmpty {
            if let object { try await cluster.kube.delete(path, uid: object.uid, timeout: timeout) }
            return
        }
        let encoder = JSONEncoder()
        var lines = [String(decoding: try encoder.encode(journal.header), as: UTF8.self)]
        for entry in open { lines.append(String(decoding: try encoder.encode(entry), as: UTF8.self)) }
        let data: JSONValue = [key: .string(lines.joined(separator: "\n") + "\n")]
        if object == nil {
            let new: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(path.name ?? ""), "namespace": .string(path.namespace ?? ""),
                    "labels": [WellKnown.managedBy: "peerquake"],
                ],
                "data": data,
            ]
            try await cluster.kube.create(new, at: path, timeout: timeout)
        } else {
            try await cluster.kube.patch(path, ["data": data], timeout: timeout)
        }
    }

    private static func find(in cluster: Cluster) async throws -> JSONValue? {
        do throws(KubeError) {
            return try await cluster.kube.get(path, timeout: timeout)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// What a cluster has kept of a run that did not clean up; `nil` where there is nothing.
    package static func read(_ kube: KubeClient) async throws -> (header: JournalHeader, entries: [JournalEntry])? {
        let object: JSONValue
        do throws(KubeError) {
            object = try await kube.get(path, timeout: timeout)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
        let decoder = JSONDecoder()
        let lines = (object[path: "data"]?[key]?.stringValue ?? "").split(separator: "\n")
        guard let first = lines.first else { return nil }
        let header = try decoder.decode(JournalHeader.self, from: Data(first.utf8))
        return (header, try lines.dropFirst().map { try decoder.decode(JournalEntry.self, from: Data($0.utf8)) })
    }
}
