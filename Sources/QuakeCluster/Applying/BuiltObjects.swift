import QuakeBase
import QuakeKube

/// What istiod makes of the Gateways of a class where a ConfigMap asks for it.
struct BuiltObjects: Sendable {
    /// Keys of the ConfigMap, and what each has istiod make.
    private static let kinds = [
        "podDisruptionBudget": ("policy", "v1", "poddisruptionbudgets"),
        "horizontalPodAutoscaler": ("autoscaling", "v2", "horizontalpodautoscalers"),
    ]
    /// Gateways of these classes give their names to what is made of them; those of others with the class behind it.
    private static let plain: Set<String> = ["istio-eastwest", "istio-east-west", "istio-waypoint"]

    /// Whether an object lets istiod make others.
    static func areCaused(by object: JSONValue) -> Bool {
        object.kind == "ConfigMap" && object.labels[WellKnown.gatewayDefaults] != nil
    }

    /// What finding and deleting them needs.
    static let rights: [RightsAsk] =
        [RightsAsk(.istio)]
        + kinds.values.sorted { $0.2 < $1.2 }.map { RightsAsk(.manifest(group: $0.0, resource: $0.2)) }

    private let gateways: [JSONValue]

    /// Nothing where the cluster has no Gateways.
    init(ofClass name: String, on cluster: Cluster) async throws {
        let path = ResourcePath(group: "gateway.networking.k8s.io", version: "v1", resource: "gateways")
        do throws(KubeError) {
            gateways = try await cluster.kube.list(path).items.filter {
                $0[path: "spec.gatewayClassName"]?.stringValue == name
            }
        } catch {
            guard error.code == .notFound else { throw error }
            gateways = []
        }
    }

    /// - Parameter keys: of the ConfigMap.
    func paths(keys: Set<String>) -> [ResourcePath] {
        Self.kinds.filter { keys.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { _, kind in
            gateways.map { gateway in
                ResourcePath(
                    group: kind.0, version: kind.1, resource: kind.2, namespace: gateway.namespace,
                    name: Self.name(of: gateway))
            }
        }
    }

    private static func name(of gateway: JSONValue) -> String {
        if let name = gateway.annotations[WellKnown.gatewayNameOverride] { return name }
        let gatewayClass = gateway[path: "spec.gatewayClassName"]?.stringValue ?? ""
        return plain.contains(gatewayClass) ? gateway.name : "\(gateway.name)-\(gatewayClass)"
    }
}
