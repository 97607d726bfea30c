import FoundationEssentials
import QuakeCluster
import QuakeCurl
import QuakeKube
import QuakeMesh
import QuakeRecord

/// What Peerquake's own load balancer tells that stands in front of a gateway's Service.
enum LoadBalancerRecords {
    /// Of one reading.
    private static let patience = Duration.seconds(5)

    /// Its dials and health transitions; `nil` before the Service is there and has an address.
    ///
    /// - Parameter port: of its admin server.
    static func agent(
        of cluster: Cluster, _ namespace: String, _ service: String, port: Int
    ) async throws -> RecordAgent? {
        guard let address = try await address(of: cluster, namespace, service) else { return nil }
        return RecordAgent(
            key: "\(cluster.name)/lb/\(address)", cluster: cluster.name,
            name: "dials of the load balancer at \(address)"
        ) { cursor in
            let request = HTTPRequest("GET", "http://\(address):\(port)/dials?cursor=\(cursor)", timeout: patience)
            return try decoded(try await HTTPClient.shared.send(request).body)
        }
    }

    /// Whether it answers as Peerquake's does; another one does not have its admin server.
    static func isOwn(of cluster: Cluster, _ namespace: String, _ service: String, port: Int) async throws -> Bool {
        guard let address = try await address(of: cluster, namespace, service) else { return false }
        let request = HTTPRequest(
            "GET", "http://\(address):\(port)/healthz", timeout: .seconds(2), connectTimeout: .seconds(1))
        return (try? await HTTPClient.shared.send(request))?.status == 200
    }

    private static func address(
        of cluster: Cluster, _ namespace: String, _ service: String
    ) async throws -> String? {
        do throws(KubeError) {
            return ServiceView(try await cluster.kube.get(.service(namespace, service), timeout: patience)).ingressIP
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// What its health check shows of gateway pods.
    static func view(of cluster: Cluster, _ namespace: String, _ service: String) async throws -> TargetView {
        let gateway = try await cluster.kube.get(.service(namespace, service))
        let policy = ServiceView(gateway).externalTrafficPolicy ?? "Cluster"
        return TargetView(
            .healthCheck,
            obstacle: policy == "Local"
                ? nil
                : "under externalTrafficPolicy \(policy) the load balancer of \(cluster.name) does not look at gateway pods"
        )
    }

    static func decoded(_ bytes: [UInt8]) throws -> RecordPage {
        try JSONDecoder().decode(RecordPage.self, from: Data(bytes))
    }
}
