package import QuakePlan

/// Where something runs and what publishes it.
package struct WorkloadPlace: Sendable, Equatable {
    package var namespace: String
    /// Labels of its pods; empty where their owner tells them.
    package var labels: [String: String]
    /// The Service of its endpoints; `nil` where any Service with its pods counts.
    package var service: String?
    /// `deployment`, `daemonset`, …
    package var kind: String
    package var name: String

    package init(namespace: String, labels: [String: String], service: String?, kind: String, name: String) {
        self.namespace = namespace
        self.labels = labels
        self.service = service
        self.kind = kind
        self.name = name
    }

    /// A workload that is known by its name alone: its pods are those that it owns, its endpoints those of its pods.
    package init(workload name: String, kind: String, namespace: String) {
        self.init(namespace: namespace, labels: [:], service: nil, kind: kind, name: name)
    }

    /// kubectl's syntax.
    package var selector: String {
        labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// A mesh that peers clusters.
package protocol Peering: Sendable {
    /// Where a part of the mesh runs.
    func place(of hosting: Hosting) -> WorkloadPlace?
    /// Where a client of one cluster sends what is meant for the peer: an address and port to connect to.
    func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int)
    /// Where a client of the server cluster itself reaches the backend.
    func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int)
    /// The method in force between two clusters, read from their objects.
    ///
    /// - Parameter peer: the server's cluster by its name.
    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod
    /// Why clusters cannot be peered by a method as they are now; `nil` where they can. Asked before anything is changed.
    ///
    /// - Parameters:
    ///   - peer: the server's cluster by its name.
    ///   - clients: all the clusters that will be switched to the method with that server.
    func refusal(of method: PeeringMethod, to peer: String, for clients: Set<String>) async throws -> ClusterError?
    /// The changes, in order, that make a method the one in force; their inverses bring the last one back. The last
    /// change ends when the method is programmed, as far as the mesh tells.
    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation]
    /// The changes that make the mesh's proxies log what ``MeshLogs/debug`` asks for; none where they do already.
    ///
    /// - Throws: `.unsupported` where that cannot be changed.
    func loggingMore(in cluster: Cluster) async throws -> [Mutation]
    /// What the mesh's proxies and its control plane have logged since a moment, in Unix nanoseconds, for people: pod by pod.
    func logs(of cluster: Cluster, since start: Int64) async -> [(about: String, text: String)]
    /// A cluster's agents that keep records, as they are now.
    func recordAgents(in cluster: Cluster) async throws -> [RecordAgent]
    /// Parameters for reports, and what formulas of plans may name.
    func facts(of clusters: [Cluster]) async throws -> MeshFacts
}

/// How much the proxies of a mesh log while a run lasts.
package enum MeshLogs: String, Sendable, CaseIterable {
    /// Their levels stay as they are.
    case unchanged
    /// What they log of each connection and of the tunnels that connections share.
    case debug
}

extension Peering {
    package func loggingMore(in cluster: Cluster) async throws -> [Mutation] {
        throw ClusterError(.unsupported, "--mesh-logs: the levels of this mesh's proxies cannot be changed")
    }

    package func logs(of cluster: Cluster, since start: Int64) async -> [(about: String, text: String)] { [] }

    package func refusal(
        of method: PeeringMethod, to peer: String, for clients: Set<String>
    ) async throws -> ClusterError? { nil }
}
