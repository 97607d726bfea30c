/// Names and labels of the stand-in; they follow Istio's.
package enum MeshNames {
    package static let gatewayNamespace = "istio-eastwest"
    package static let gateway = "istio-eastwest"
    /// Of its east-west Gateways, as Solo's.
    package static let gatewayClass = "istio-eastwest"
    package static let gatewayController = "peerquake.dev/gateway-controller"
    /// The ConfigMap of what istiod makes of a Gateway of that class.
    package static let gatewayTemplate = "peerquake-gateway-template"
    /// The Lease of the replica of istiod that writes; Istio's name for it.
    package static let gatewayLease = "istio-gateway-deployment"
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

    /// On a balancer's Service: how its tunnels use connections, a ``TunnelMode``.
    package static let tunnelsAnnotation = "peerquake.dev/tunnels"

    /// The Services of type LoadBalancer.
    package static let balanced = [(gatewayNamespace, gateway), (systemNamespace, istiodService)]

    /// The Deployment and Service of the balancer that leads to a peer.
    package static func balancer(_ peer: String) -> String { "peerquake-balancer-\(peer)" }
}

/// How tunnels of the stand-in use connections.
package enum TunnelMode: String, Sendable, CaseIterable {
    /// Those of a source and a destination share HTTP/2 connections, as ztunnel's do.
    case shared
    /// Each has one.
    case single
}

/// How the stand-in carries tunnels and how fast it notices things: labels of a cluster's control-plane node, so that one
/// file shapes all of it. Each is a text as its label has it.
package struct MeshTunings: Sendable, Equatable {
    package var keepalive = "30s"
    package var keepaliveTimeout = "10s"
    package var checkInterval = "2s"
    package var checkTimeout = "3s"
    package var checkThreshold = "2"
    package var tunnels = TunnelMode.shared.rawValue
    package var tunnelConnectTimeout = "10s"
    package var tunnelPingInterval = "10s"
    package var tunnelPingTimeout = "20s"
    package var tunnelIdleRelease = "5m"
    package var tunnelStreams = "100"
    package var innerTunnels = "true"
    package var gatewayDrain = "20s"
    /// How long the source port of a dial rests before it leads to the same destination again: 10 s more than Linux
    /// remembers a connection. No configuration scales it, for none scales the kernel's 120 s; `0s` lets the kernel
    /// choose.
    package var sourcePortRest = "130s"

    package init() {}

    private static let names: [(name: String, path: any WritableKeyPath<MeshTunings, String> & Sendable)] = [
        ("stream-keepalive", \.keepalive), ("stream-keepalive-timeout", \.keepaliveTimeout),
        ("load-balancer-check-interval", \.checkInterval), ("load-balancer-check-timeout", \.checkTimeout),
        ("load-balancer-check-threshold", \.checkThreshold), ("tunnels", \.tunnels),
        ("tunnel-connect-timeout", \.tunnelConnectTimeout), ("tunnel-ping-interval", \.tunnelPingInterval),
        ("tunnel-ping-timeout", \.tunnelPingTimeout), ("tunnel-idle-release", \.tunnelIdleRelease),
        ("tunnel-streams", \.tunnelStreams), ("inner-tunnels", \.innerTunnels),
        ("gateway-drain", \.gatewayDrain), ("source-port-rest", \.sourcePortRest),
    ]

    /// Reads `peerquake.dev/tunnels` (`shared` or `single`), `…/tunnel-connect-timeout`, `…/tunnel-ping-interval`,
    /// `…/tunnel-ping-timeout`, `…/tunnel-idle-release`, `…/tunnel-streams`, `…/inner-tunnels`, `…/gateway-drain`,
    /// `…/stream-keepalive`, `…/stream-keepalive-timeout`, `…/load-balancer-check-interval`, `…/load-balancer-check-timeout` and
    /// `…/load-balancer-check-threshold`, `…/source-port-rest`.
    package init(labels: [String: String]) {
        for (name, path) in Self.names {
            if let value = labels["peerquake.dev/\(name)"] { self[keyPath: path] = value }
        }
    }
}
