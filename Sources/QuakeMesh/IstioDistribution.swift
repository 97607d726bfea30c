/// Whose control plane an Istio is. Their east-west gateways are of classes with other names.
package enum IstioDistribution: String, Sendable, CaseIterable {
    case istio, solo

    /// Of its east-west gateways.
    package var gatewayClass: String { self == .istio ? "istio-east-west" : "istio-eastwest" }
}
