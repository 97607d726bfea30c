/// The Lease that keeps two runs from breaking one cluster at the same time.
package struct LeaseLock: Sendable {
    package var kube: KubeClient
    package var path: ResourcePath
    /// Who holds it: the run's ID.
    package var holder: String
    /// A Lease that was not renewed for so long is dead.
    package var duration: Duration

    package init(
        _ kube: KubeClient, holder: String, path: ResourcePath = .lease("kube-system", "peerquake-run"),
        duration: Duration = .seconds(15)
    ) {
        self.kube = kube
        self.path = path
        self.holder = holder
        self.duration = duration
    }

    /// Takes the Lease, at once if there is none or if it is this holder's own (recovery of its run), else after its
    /// holder has been seen not to renew it for `duration`.
    ///
    /// - Throws: `.locked`, with the holder's identity, if it is renewed while this watches.
    package func acquire() async throws(KubeError) {
        throw KubeError(.unreachable, "no transport")
    }

    /// Renews once.
    ///
    /// - Throws: `.locked` if it has another holder by now.
    package func renew() async throws(KubeError) {
        throw KubeError(.unreachable, "no transport")
    }

    /// Deletes the Lease if it is still this holder's. Idempotent.
    package func release() async throws(KubeError) {
        throw KubeError(.unreachable, "no transport")
    }
}
