/// Where the parts of the stand-in listen.
package enum MeshPort {
    package static let echo = 8080
    package static let balancer = 8080
    /// Of the gateway's CONNECT.
    package static let gateway = 15_008
    /// Of istiod's stream of target sets.
    package static let targets = 15_012
    /// Of each agent's own server: health, dials, targets.
    package static let admin = 15_021
    /// Of the admin server of a load balancer whose Service has ``admin`` itself, as Istio's east-west gateways do.
    package static let loadBalancerAdmin = 15_023
    /// Of a prober in a pod.
    package static let prober = 15_022
}
