/// A running part of the mesh: what one container does.
package protocol MeshRole: Sendable {
    /// Ends as its signal says: SIGTERM. Returns when it has ended, which may take as long as its grace period.
    func terminate() async
    /// Ends at once: SIGKILL.
    func kill() async
}

/// What a role knows of the pod that it runs in.
package struct PodIdentity: Sendable, Equatable {
    package var cluster: String
    package var node: String
    package var pod: String
    /// The address to listen on.
    package var address: String

    package init(cluster: String, node: String, pod: String, address: String) {
        self.cluster = cluster
        self.node = node
        self.pod = pod
        self.address = address
    }
}
