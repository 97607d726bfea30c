package import QuakeTimeline

/// How soon one view knew of the changes of one step that measures propagation.
package struct PropagationFindings: Sendable, Codable, Equatable {
    /// One change and how long it took.
    package struct Value: Sendable, Codable, Equatable {
        /// From the first moment at which the change may have come about, until the view showed it; where it did not, how long it
        /// was waited for.
        package var nanoseconds: Int64
        /// It did not arrive: the length is a lower bound.
        package var isCensored: Bool
        /// Of the length, what lies in suspect seconds: by so much the machine may have held the arrival up.
        package var suspectNanoseconds: Int64

        package init(nanoseconds: Int64, isCensored: Bool = false, suspectNanoseconds: Int64 = 0) {
            self.nanoseconds = nanoseconds
            self.isCensored = isCensored
            self.suspectNanoseconds = suspectNanoseconds
        }
    }

    package var step: String
    package var change: Propagation.Change
    package var direction: Propagation.Direction
    package var view: Propagation.View
    /// The cluster that was changed.
    package var cluster: String
    /// In the order in which the changes were made; at least one.
    package var values: [Value]

    package init(
        step: String, change: Propagation.Change, direction: Propagation.Direction, view: Propagation.View,
        cluster: String, values: [Value]
    ) {
        self.step = step
        self.change = change
        self.direction = direction
        self.view = view
        self.cluster = cluster
        self.values = values
    }

    /// Those of a trial, in the order in which each was first seen.
    static func all(in events: [Event], _ suspects: SuspectSeconds) -> [PropagationFindings] {
        var found: [PropagationFindings] = []
        for event in events {
            guard case .propagation(let measured) = event.what else { continue }
            let value = Value(
                nanoseconds: measured.length.inNanoseconds, isCensored: measured.isCensored,
                suspectNanoseconds: suspects.part(
                    of: Interval(start: measured.made.start, end: measured.made.start + measured.length)
                ).inNanoseconds)
            let own = PropagationFindings(
                step: measured.step, change: measured.change, direction: measured.direction, view: measured.view,
                cluster: measured.cluster, values: [value])
            if let index = found.firstIndex(where: { $0.isOfOneKind(with: own) }) {
                found[index].values.append(value)
            } else {
                found.append(own)
            }
        }
        return found
    }

    /// Whether both tell of the same view and kind of change.
    package func isOfOneKind(with other: PropagationFindings) -> Bool {
        step == other.step && change == other.change && direction == other.direction && view == other.view
            && cluster == other.cluster
    }

    /// Those that arrived, shortest first, in nanoseconds.
    package var arrived: [Int64] { values.filter { !$0.isCensored }.map(\.nanoseconds).sorted() }
    /// How many did not.
    package var missed: Int { values.count { $0.isCensored } }
    /// The longest of all, which may be a lower bound.
    package var longest: Value? {
        values.max { ($0.nanoseconds, $0.isCensored ? 1 : 0) < ($1.nanoseconds, $1.isCensored ? 1 : 0) }
    }

    /// Who was to know: `targets of east`.
    package var place: String { view.words(of: cluster) }

    /// `target added`.
    package var words: String { "\(change.rawValue) \(direction.rawValue)" }
}
