import QuakeBase

/// A change that a run made in order to see how soon a client of the cluster knows of it, and what one view showed.
package struct Propagation: Sendable, Equatable, Codable {
    /// What is changed. Raw values stand in plans and archives.
    package enum Change: String, Sendable, Codable, CaseIterable {
        /// A gateway pod on a further node, so that the set of nodes that peers may dial changes.
        case target
        /// A backend pod behind the gateways.
        case endpoint
    }

    /// Which way it goes. Raw values stand in archives and in `summary.json`.
    package enum Direction: String, Sendable, Codable, CaseIterable {
        case added, removed
    }

    /// Who is to know of it.
    package enum View: Sendable, Hashable, Codable {
        /// The set of targets that the balancer of a client's cluster has.
        case targets(client: String)
        /// The health check of the load balancer of the cluster itself.
        case healthCheck
        /// Requests, by the pod that answers them.
        case lane(traffic: String, mode: ConnectionMode)

        /// `targets of east`, `health check of west`, `echo/new`.
        ///
        /// - Parameter cluster: the one that is changed.
        package func words(of cluster: String) -> String {
            switch self {
            case .targets(let client): "targets of \(client)"
            case .healthCheck: "health check of \(cluster)"
            case .lane(let traffic, let mode): "\(traffic)/\(mode.rawValue)"
            }
        }
    }

    package var step: String
    /// Counts the changes of a step from 1.
    package var round: Int
    package var change: Change
    package var direction: Direction
    package var view: View
    package var cluster: String
    /// The pod that came or went.
    package var pod: String
    /// Where it runs.
    package var node: String
    /// When the change came about: of what was added, between the last look at which its endpoint was not ready and the first
    /// one at which it was; of what was removed, while the DELETE was under way.
    package var made: Interval
    /// When the view showed it; `nil` where it did not within the time given.
    package var arrived: RunInstant?
    /// How long it was waited for, from the beginning of `made`.
    package var within: Duration

    /// - Parameter seen: when the view showed the change. One that was late is none; one that was earlier than `made`, because the
    ///   view learnt of the change before the run did, counts as at once.
    package init(
        step: String, round: Int, change: Change, direction: Direction, view: View, cluster: String, pod: String,
        node: String, made: Interval, seen: RunInstant?, within: Duration
    ) {
        self.step = step
        self.round = round
        self.change = change
        self.direction = direction
        self.view = view
        self.cluster = cluster
        self.pod = pod
        self.node = node
        self.made = made
        self.within = within
        arrived = seen.flatMap { $0 - made.start <= within ? max($0, made.start) : nil }
    }

    /// From the change to its arrival, or `within` where it did not arrive.
    package var length: Duration { arrived.map { $0 - made.start } ?? within }
    /// ``length`` is a lower bound.
    package var isCensored: Bool { arrived == nil }
}
