package import QuakeKube

/// One cluster of a run: how it is reached and what its environment can do to it.
package struct Cluster: Sendable {
    /// The plan's name for it.
    package var name: String
    /// uid of its kube-system namespace: what tells it from another one of the same name.
    package var uid: String
    package var kube: KubeClient
    package var kubectl: Kubectl
    /// `nil` where nobody can pull a plug.
    package var power: (any NodePower)?
    /// `nil` where nobody can change the controller manager's flags.
    package var controlPlane: (any ControlPlane)?
    /// `nil` where the hosts of its nodes do not say how they fare.
    package var stalls: (any HostStalls)?
    /// Whether its pods' addresses are this machine's own.
    package var hasLocalPods = false
    /// What it was asked to do and leaves out, in words; `nil` where it leaves nothing out.
    package var notModelled: (@Sendable () async throws -> [String])?
    /// Whether it may be touched; `nil` where nothing stands against it.
    package var permit: ClusterPermit?

    package init(
        name: String, uid: String, kube: KubeClient, kubectl: Kubectl, power: (any NodePower)? = nil,
        controlPlane: (any ControlPlane)? = nil, stalls: (any HostStalls)? = nil, permit: ClusterPermit? = nil
    ) {
        self.name = name
        self.uid = uid
        self.kube = kube
        self.kubectl = kubectl
        self.power = power
        self.controlPlane = controlPlane
        self.stalls = stalls
        self.permit = permit
    }
}

/// Says whether a cluster may be touched now: its lock's voice.
package struct ClusterPermit: Sendable {
    /// Who else holds the cluster; `nil` where it may be touched. An API server that does not answer forbids nothing.
    package var otherHolder: @Sendable () async -> String?

    package init(otherHolder: @escaping @Sendable () async -> String?) { self.otherHolder = otherHolder }
}
