import QuakeBase
import QuakeKube
import QuakeMesh

/// Whose mesh a cluster has. Raw values are those of `--mesh`.
package enum AuditMesh: String, Sendable, CaseIterable, Codable {
    case standin, istio, solo

    init(_ distribution: IstioDistribution) { self = distribution == .istio ? .istio : .solo }

    /// What a class of Gateways says; `nil` for all but east-west ones.
    static func of(gatewayClass: String?) -> AuditMesh? {
        IstioDistribution.allCases.first { $0.gatewayClass == gatewayClass }.map { AuditMesh($0) }
    }

    /// As reports name it.
    package var words: String {
        switch self {
        case .standin: "stand-in"
        case .istio: "Istio"
        case .solo: "Solo"
        }
    }
}

/// ConfigMaps by which istiod's Gateways are customised.
package enum GatewayDefaults {
    /// On a ConfigMap in istiod's namespace: the class that it is for.
    package static let label = WellKnown.gatewayDefaults
    /// Keys that istiod knows; another one is an error to it.
    package static let keys = [
        "deployment", "service", "serviceAccount", "horizontalPodAutoscaler", "podDisruptionBudget",
    ]

    /// The ConfigMap that a Gateway itself refers to; `nil` for none.
    static func parameters(of gateway: JSONValue) -> String? {
        let reference = gateway[path: "spec.infrastructure.parametersRef"]
        return reference?["kind"]?.stringValue == "ConfigMap" ? reference?["name"]?.stringValue : nil
    }
}

/// What istiod's chart keeps of its Helm values, since 1.26: a ConfigMap `values` or `values-REVISION`.
enum HelmValues {
    static let label = WellKnown.istioComponent
    static let key = "original-values"

    /// As the user wrote them; `nil` for another ConfigMap.
    static func given(_ configMap: JSONValue) -> JSONValue? {
        guard let text = configMap.at("data", key)?.stringValue else { return nil }
        return try? JSONValue(parsing: Array(text.utf8))
    }
}
