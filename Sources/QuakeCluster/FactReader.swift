import QuakeBase
import QuakeKube
package import QuakePlan

/// Reads what a plan's formulas name, before its trials begin. What cannot be read is told with the reason; whether that
/// matters is the plan's to say.
package struct FactReader: Sendable {
    private typealias Read = Result<Duration, Unreadable>

    private struct Unreadable: Error {
        var reason: String
    }

    private let clusters: [String: Cluster]
    private let mesh: MeshFacts

    /// - Parameter mesh: what it says of the clusters of the run.
    package init(_ clusters: [String: Cluster], mesh: MeshFacts) {
        self.clusters = clusters
        self.mesh = mesh
    }

    /// What is known of each cell of a plan, in their order. No cluster is asked for what the plan does not need.
    package func facts(for plan: Plan) async -> [CellFacts] {
        let needed = plan.neededFacts
        var known: [Fact: [String: Read]] = [:]
        for fact in needed.sorted(by: { $0.rawValue < $1.rawValue }) {
            for name in clusters.keys { known[fact, default: [:]][name] = await read(fact, of: name) }
        }
        return plan.cells.map { facts(of: $0, needed, known) }
    }

    private func facts(of cell: Cell, _ needed: Set<Fact>, _ known: [Fact: [String: Read]]) -> CellFacts {
        var times: [Fact: Duration] = [:]
        var unreadable: [Fact: String] = [:]
        for fact in needed {
            if fact == .gracePeriod, let set = cell.settings.nodeMonitorGracePeriod {
                times[fact] = set
                continue
            }
            let names = Set(cell.traffic.map { fact == .tunnelGiveUp ? $0.from : $0.to }).sorted()
            switch Self.common(names.map { ($0, known[fact]?[$0]) }) {
            case .success(let time): times[fact] = time
            case .failure(let why): unreadable[fact] = why.reason
            }
        }
        return CellFacts(times, unreadable: unreadable, words: mesh.words)
    }

    /// One value for all clusters: a formula has no other one to use.
    private static func common(_ values: [(cluster: String, read: Read?)]) -> Read {
        var found: [(cluster: String, time: Duration)] = []
        for (cluster, read) in values {
            switch read {
            case .success(let time)?: found.append((cluster, time))
            case .failure(let why)?: return .failure(why)
            case nil: return .failure(Unreadable(reason: "there is no cluster \(cluster)"))
            }
        }
        guard let first = found.first else { return .failure(Unreadable(reason: "no traffic goes to any cluster")) }
        guard let other = found.first(where: { $0.time != first.time }) else { return .success(first.time) }
        return .failure(
            Unreadable(
                reason: "it is \(Quantity.text(first.time)) in \(first.cluster) and \(Quantity.text(other.time)) in "
                    + other.cluster))
    }

    // MARK: - One fact of one cluster

    private func read(_ fact: Fact, of name: String) async -> Read {
        guard let cluster = clusters[name] else { return .failure(Unreadable(reason: "there is no cluster \(name)")) }
        do {
            if let time = try await time(fact, of: cluster) { return .success(time) }
            return .failure(Unreadable(reason: "nothing in \(name) says it"))
        } catch {
            return .failure(Unreadable(reason: "\(error)".split(separator: "\n").joined(separator: "; ")))
        }
    }

    private func time(_ fact: Fact, of cluster: Cluster) async throws -> Duration? {
        switch fact {
        case .gracePeriod:
            let flags = try await NodeMonitoring.flags(of: cluster)
            return NodeMonitoring.gracePeriod(flags, version: try await cluster.kube.serverVersion())
        case .monitorPeriod: return NodeMonitoring.monitorPeriod(try await NodeMonitoring.flags(of: cluster))
        case .leaseRenewal: return try await NodeMonitoring.leaseRenewal(of: cluster)
        case .healthCheckOut: return mesh.healthCheckOut[cluster.name]
        case .tunnelGiveUp: return mesh.tunnelGiveUp[cluster.name]
        case .rate: return nil
        }
    }
}
