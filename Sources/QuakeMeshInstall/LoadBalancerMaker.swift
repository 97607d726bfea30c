package import QuakeMesh

/// What gives Services of type LoadBalancer their addresses where nothing in the cluster does.
package protocol LoadBalancerMaker: Sendable {
    /// Sees to it that a load balancer stands in front of a Service and that the Service's status says where.
    ///
    /// Safe to repeat. Returns at once where the cluster itself gives addresses.
    func provide(_ front: LoadBalancerFront) async throws
    /// Takes away every load balancer of a cluster.
    func remove(cluster: String) async throws
}
