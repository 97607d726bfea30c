package import QuakePlan

/// Where a gateway of a cluster that comes or goes shows.
package struct TargetView: Sendable, Equatable {
    package var view: Propagation.View
    /// Why it shows nothing there; `nil` where it does.
    package var obstacle: String?

    package init(_ view: Propagation.View, obstacle: String? = nil) {
        self.view = view
        self.obstacle = obstacle
    }
}

/// A mesh that tells what the clients of a cluster know of its gateways: a capability of a ``Peering``.
package protocol TargetViews: Peering {
    /// Why it tells nothing of that after all; `nil` where it does.
    var targetObstacle: String? { get }
    /// Where a gateway of `cluster` that comes or goes is known, by the method that each of its clients uses now.
    ///
    /// - Parameter others: the clusters that may be its clients, itself not among them; one that has no balancer for it is
    ///   passed over.
    func targetViews(of cluster: Cluster, from others: [Cluster]) async throws -> [TargetView]
}

extension TargetViews {
    package var targetObstacle: String? { nil }
}

/// A change and what one view showed of it.
package struct MeasuredChange: Sendable {
    package var change: Propagation.Change
    package var direction: Propagation.Direction
    package var view: Propagation.View
    /// Counts the changes of a step from 1.
    package var round: Int
    package var cluster: String
    package var pod: String
    package var node: String
    package var made: EffectInterval
    /// `nil` where the view did not show it.
    package var seen: RunInstant?
    package var within: Duration
}

/// What the clients of a cluster know, as far as the run has read it.
package protocol Arrivals: Sendable {
    /// The lanes that ask a cluster over a fresh connection for each request.
    func lanes(to cluster: String) -> [Propagation.View]
    /// Whether a view has a node of a cluster now; of a lane, nothing is said.
    func shows(node: String, of cluster: String, at view: Propagation.View) -> Bool
    /// When a view came to have a node, or to lack it; on a lane, when the pod first answered.
    ///
    /// - Returns: `nil` where that is not so now.
    func moment(
        _ direction: Propagation.Direction, node: String, pod: String, of cluster: String, at view: Propagation.View
    ) -> RunInstant?
}
