/// How a server cluster's gateway is addressed from a client cluster.
package enum PeeringMethod: String, Sendable, Codable, CaseIterable {
    case loadBalancer = "LoadBalancer"
    case nodePort = "NodePort"
}
