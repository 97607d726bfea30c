import Foundation
import QuakeAudit
import QuakeKube
import Testing

/// A saved snapshot of a pair that keeps to every practice, and changes of it.
struct World {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    var snapshot: AuditSnapshot
    /// Changes that found nothing to change.
    private(set) var misses = 0

    /// - Parameter mesh: `standin`, `istio` or `solo`; peered via NodePort in both directions.
    init(_ mesh: String) throws {
        let file = Self.folder.appending(path: "\(mesh).json")
        snapshot = try AuditSnapshot(parsing: Array(Data(contentsOf: file)), file: file.lastPathComponent)
    }

    func report(_ policy: AuditPolicy = AuditPolicy()) throws -> AuditReport {
        try Auditor(policy: policy).report(on: snapshot)
    }

    /// Changes the objects of a kind in a cluster.
    mutating func items(_ resource: AuditResource, in cluster: String, _ change: (inout [JSONValue]) -> Void) {
        for index in snapshot.clusters.indices where snapshot.clusters[index].name == cluster {
            guard case .items(var items)? = snapshot.clusters[index].lists[resource] else {
                misses += 1
                return
            }
            change(&items)
            snapshot.clusters[index].lists[resource] = .items(items)
        }
    }

    /// Changes every object of a name, or all.
    mutating func edit(
        _ resource: AuditResource, _ name: String? = nil, in cluster: String = "west",
        _ change: (inout JSONValue) -> Void
    ) {
        var missed = false
        items(resource, in: cluster) { items in
            var count = 0
            for index in items.indices where name == nil || items[index].name == name {
                change(&items[index])
                count += 1
            }
            missed = count == 0
        }
        if missed { misses += 1 }
    }

    mutating func add(_ resource: AuditResource, in cluster: String = "west", _ object: JSONValue) {
        items(resource, in: cluster) { $0.append(object) }
    }

    mutating func remove(_ resource: AuditResource, _ name: String? = nil, in cluster: String = "west") {
        items(resource, in: cluster) { $0.removeAll { name == nil || $0.name == name } }
    }

    mutating func hide(_ resource: AuditResource, in cluster: String) {
        for index in snapshot.clusters.indices where snapshot.clusters[index].name == cluster {
            snapshot.clusters[index].lists[resource] = .notReadable("forbidden")
        }
    }

    // MARK: - Frequent changes

    mutating func pod(of workload: String, in cluster: String = "west", _ change: (inout JSONValue) -> Void) {
        edit(.deployments, workload, in: cluster) { deployment in
            guard var spec = deployment[path: "spec.template.spec"] else { return }
            change(&spec)
            deployment.set(spec, at: "spec", "template", "spec")
        }
    }

    mutating func move(_ pod: String, to node: String, in cluster: String = "west") {
        edit(.pods, pod, in: cluster) { $0.set(.string("\(cluster)-\(node)"), at: "spec", "nodeName") }
    }

    /// All that reach a cluster of open-source Istio dial its load balancer.
    mutating func balance(_ client: String, to address: String) {
        edit(.gateways, in: client) { gateway in
            guard gateway[path: "spec.gatewayClassName"] == "istio-remote" else { return }
            gateway.set([["type": "IPAddress", "value": .string(address)]], at: "spec", "addresses")
            gateway.set([["name": "a", "port": 15_008, "protocol": "HBONE"]], at: "spec", "listeners")
        }
    }

    static func autoscaler(_ least: Int64) -> JSONValue {
        [
            "kind": "HorizontalPodAutoscaler", "apiVersion": "autoscaling/v2",
            "metadata": [
                "name": "istio-eastwest", "namespace": "istio-eastwest",
                "ownerReferences": [["kind": "Gateway", "name": "istio-eastwest"]],
            ],
            "spec": [
                "minReplicas": .int(least), "scaleTargetRef": ["kind": "Deployment", "name": "istio-eastwest"],
            ],
        ]
    }
}
