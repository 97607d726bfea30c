package import QuakeTimeline

/// A change of a Node during a trial that no step and no healing of the run explains: others made it.
package struct Disturbance: Sendable, Codable, Equatable {
    /// Raw values are those of `summary.json`.
    package enum Change: String, Sendable, Codable, CaseIterable {
        case deleted, cordoned, uncordoned, tainted, untainted
    }

    package var cluster: String
    package var node: String
    package var change: Change
    /// Those that came or went, as `key=value:Effect`; empty for other changes.
    package var taints: [String]
    /// When the runner saw it.
    package var at: RunInstant
    /// Of a deletion: when a Node of that name was there again; `nil` where none came during the trial.
    package var returned: RunInstant?

    package init(
        cluster: String, node: String, change: Change, taints: [String] = [], at: RunInstant,
        returned: RunInstant? = nil
    ) {
        self.cluster = cluster
        self.node = node
        self.change = change
        self.taints = taints
        self.at = at
        self.returned = returned
    }
}
