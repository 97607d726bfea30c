package import QuakeMesh

/// The mesh that a configuration is for.
package enum ManifestMesh: String, Sendable, CaseIterable {
    case standin, istio, solo

    /// As sentences have it.
    package var words: String {
        switch self {
        case .standin: "the stand-in"
        case .istio: "Istio"
        case .solo: "the Solo distribution of Istio"
        }
    }

    /// `nil` for the stand-in, which has no classes.
    package var distribution: IstioDistribution? { IstioDistribution(rawValue: rawValue) }

    /// Of the east-west gateway's pods, where it is known. Istio: `files/waypoint.yaml` of the chart istiod, 1.27.9
    /// to 1.29.0. What Solo's template calls it is not documented.
    package var gatewayContainer: String? {
        switch self {
        case .standin: "gateway"
        case .istio: "istio-proxy"
        case .solo: nil
        }
    }
}
