package import FoundationEssentials
import QuakeBase
package import QuakeKube
import QuakeMesh

/// Makes a snapshot by list calls alone: nothing is changed, locked or watched.
///
/// What is asked of the gateways, istiods and controller managers is selected by labels, so that the calls of a cluster
/// are as many as the table below, plus one for each further page of 500 nodes, node leases, budgets or NodeClaims.
package struct AuditCollector: Sendable {
    /// One list call.
    struct Query: Sendable {
        var resource: AuditResource
        var namespace: String?
        var labels: String?
        var fields: String?
    }

    static let istiodLabel = "app=\(MeshNames.istiod)"

    /// What does not depend on another's answer.
    static let queries: [Query] =
        [
            Query(resource: .pods, labels: WellKnown.gatewayName), Query(resource: .pods, labels: istiodLabel),
            Query(resource: .pods, namespace: "kube-system", labels: "component=kube-controller-manager"),
            Query(resource: .services, labels: WellKnown.gatewayName),
            Query(resource: .services, labels: MeshNames.peerLabel),
            Query(resource: .deployments, labels: WellKnown.gatewayName),
            Query(resource: .deployments, labels: istiodLabel),
            Query(resource: .configmaps, labels: GatewayDefaults.label),
            Query(resource: .configmaps, labels: "\(HelmValues.label)=Pilot"),
        ]
        + [
            .nodes, .leases, .budgets, .autoscalers, .gateways, .gatewayclasses, .nodepools, .nodeclaims,
        ].map { Query(resource: $0) }

    private let kube: KubeClient

    package init(_ kube: KubeClient) { self.kube = kube }

    /// A snapshot of several clusters, all at once.
    ///
    /// - Parameter now: when it is taken.
    /// - Throws: `KubeError`, with the cluster's name, where one does not answer at all.
    package static func collect(
        _ clusters: [String: KubeClient], now: Date
    ) async throws -> AuditSnapshot {
        try await withThrowingTaskGroup(of: ClusterSnapshot.self) { group in
            for (name, kube) in clusters {
                group.addTask {
                    do throws(KubeError) {
                        return try await AuditCollector(kube).collect(name)
                    } catch {
                        throw error.within(name)
                    }
                }
            }
            var all: [ClusterSnapshot] = []
            for try await cluster in group { all.append(cluster) }
            return AuditSnapshot(taken: now, clusters: all)
        }
    }

    /// One cluster. What may not be listed, or is not there, is recorded as such.
    ///
    /// - Throws: where the API server cannot be reached, or does not know the account.
    package func collect(_ name: String) async throws(KubeError) -> ClusterSnapshot {
        let version = try await version()
        var cluster = ClusterSnapshot(name: name, version: version, lists: [:])
        let answers: [Result<(AuditResource, ClusterSnapshot.Reading), KubeError>] = await withTaskGroup { group in
            for (index, query) in Self.queries.enumerated() {
                group.addTask { (index, await answer(query)) }
            }
            var all: [(Int, Result<(AuditResource, ClusterSnapshot.Reading), KubeError>)] = []
            for await one in group { all.append(one) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
        for answer in answers {
            let (resource, reading) = try answer.get()
            cluster.add(reading, to: resource)
        }
        for query in Self.following(cluster) {
            let (resource, reading) = try await answer(query).get()
            cluster.add(reading, to: resource)
        }
        if cluster.lists[.endpointSlices] == nil { cluster.lists[.endpointSlices] = .items([]) }
        return cluster
    }

    /// What the first answers name: the gateways' endpoints, and ConfigMaps that Gateways refer to.
    private static func following(_ cluster: ClusterSnapshot) -> [Query] {
        let services = ((try? cluster.items(.services)) ?? []).filter { $0.labels[WellKnown.gatewayName] != nil }
        var queries: [Query] = []
        let names = Set(services.map(\.name)).sorted()
        if !names.isEmpty {
            let list = names.joined(separator: ",")
            queries.append(Query(resource: .endpointSlices, labels: "\(WellKnown.serviceName) in (\(list))"))
        }
        for gateway in (try? cluster.items(.gateways)) ?? [] {
            guard let name = GatewayDefaults.parameters(of: gateway) else { continue }
            queries.append(
                Query(resource: .configmaps, namespace: gateway.namespace, fields: "metadata.name=\(name)"))
        }
        return queries
    }

    /// `nil` where the server does not say it to this account.
    private func version() async throws(KubeError) -> String? {
        do throws(KubeError) {
            return try await kube.serverVersion()
        } catch {
            guard error.code == .forbidden else { throw error }
            return nil
        }
    }

    private func answer(_ query: Query) async -> Result<(AuditResource, ClusterSnapshot.Reading), KubeError> {
        var path = query.resource.path
        if let namespace = query.namespace { path.namespace = namespace }
        do throws(KubeError) {
            let items: [JSONValue]
            do throws(KubeError) {
                items = try await kube.list(path, labels: query.labels, fields: query.fields).items
            } catch {
                // Karpenter before v1.
                guard error.code == .notFound, path.group == "karpenter.sh" else { throw error }
                path.version = "v1beta1"
                let old = try await kube.list(path).items
                return .success((query.resource, .items(old.map { Self.kept($0, query.resource, path) })))
            }
            return .success((query.resource, .items(items.map { Self.kept($0, query.resource, path) })))
        } catch {
            switch error.code {
            case .notFound: return .success((query.resource, .notServed))
            case .forbidden, .server, .timeout, .tooManyRequests, .invalid, .decoding, .gone:
                return .success((query.resource, .notReadable("\(error.message)")))
            default: return .failure(error)
            }
        }
    }

    private static func kept(_ object: JSONValue, _ resource: AuditResource, _ path: ResourcePath) -> JSONValue {
        var result = Trimming.trimmed(object, resource)
        result["apiVersion"] = .string(path.apiVersion)
        return result
    }
}

extension ClusterSnapshot {
    /// Several calls may ask for one kind: what one of them may not see makes the whole unreadable.
    fileprivate mutating func add(_ reading: Reading, to resource: AuditResource) {
        switch (lists[resource], reading) {
        case (.items(let known)?, .items(let more)):
            let seen = Set(known.map { "\($0.namespace)/\($0.name)" })
            lists[resource] = .items(known + more.filter { !seen.contains("\($0.namespace)/\($0.name)") })
        case (.notReadable?, _): break
        default: lists[resource] = reading
        }
    }
}
