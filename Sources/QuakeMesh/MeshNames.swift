/// Names and labels of the stand-in; they follow Istio's.
package enum MeshNames {
    package static let gatewayNamespace = "istio-eastwest"
    package static let gateway = "istio-eastwest"
    package static let systemNamespace = "istio-system"
    package static let istiod = "istiod"
    package static let istiodService = "istiod-peer"
    package static let tokenMark = "peerquake.dev/token"
    package static let tokenSecret = "peerquake-peering"
    package static let loadBalancerToken = "peerquake-loadbalancer-token"
    package static let backendNamespace = "demo"
    package static let backend = "echo"
    package static let prober = "peerquake-prober"
    /// The PriorityClass of probers in pods.
    package static let proberPriority = "peerquake-prober"
    package static let image = "peerquake-agent"

    package static let peerLabel = "peerquake.dev/peer"
    /// On a balancer's Service: which method is in force, `loadbalancer` or `nodeport`.
    package static let methodAnnotation = "peerquake.dev/data-plane-service-type"

    /// The Services of type LoadBalancer.
    package static let balanced = [(gatewayNamespace, gateway), (systemNamespace, istiodService)]

    /// The Deployment and Service of the balancer that leads to a peer.
    package static func balancer(_ peer: String) -> String { "peerquake-balancer-\(peer)" }
}

/// How fast the stand-in notices things: labels of a cluster's control-plane node, so that one file shapes all of it.
package struct MeshTunings: Sendable, Equatable {
    package var keepalive = "30s"
    package var keepaliveTimeout = "10s"
    package var checkInterval = "2s"
    package var checkTimeout = "3s"
    package var checkThreshold = "2"

    package init() {}

    /// Reads `peerquake.dev/stream-keepalive`, `…/stream-keepalive-timeout`, `…/load-balancer-check-interval`,
    /// `…/load-balancer-check-timeout` and `…/load-balancer-check-threshold`.
    package init(labels: [String: String]) {
        keepalive = labels["peerquake.dev/stream-keepalive"] ?? keepalive
        keepaliveTimeout = labels["peerquake.dev/stream-keepalive-timeout"] ?? keepaliveTimeout
        checkInterval = labels["peerquake.dev/load-balancer-check-interval"] ?? checkInterval
        checkTimeout = labels["peerquake.dev/load-balancer-check-timeout"] ?? checkTimeout
        checkThreshold = labels["peerquake.dev/load-balancer-check-threshold"] ?? checkThreshold
    }
}
