package import QuakeCluster
package import QuakeMeshInstall

/// What can be done to one cluster where it runs, beside what goes through its API. The empty one is anybody's cluster.
package struct ClusterSite: Sendable {
    /// `nil` where nobody can pull a plug.
    package var power: (any NodePower)?
    /// `nil` where nobody can change the controller manager's flags.
    package var controlPlane: (any ControlPlane)?
    /// `nil` where the hosts of its nodes do not say how they fare.
    package var stalls: (any HostStalls)?
    /// Whether its pods' addresses are this machine's own.
    package var hasLocalPods = false
    /// What its API was asked to do and leaves out, in words; `nil` where it leaves nothing out.
    package var notModelled: (@Sendable () async throws -> [String])?
    /// Brings an image to its nodes; `nil` where they get it themselves, or need none.
    package var loadImage: (@Sendable (_ image: String) async throws -> Void)?
    /// Gives Services their addresses; `nil` where the cluster does.
    package var loadBalancers: (any LoadBalancerMaker)?

    package init() {}

    /// Hands a cluster what can be done to it.
    func equip(_ cluster: inout Cluster) {
        cluster.power = power
        cluster.controlPlane = controlPlane
        cluster.stalls = stalls
        cluster.hasLocalPods = hasLocalPods
        cluster.notModelled = notModelled
    }
}
