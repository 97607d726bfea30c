package import QuakeTimeline

/// What a run's timeline shows: rows on one axis. Bounded in size however long the run was.
package struct Chart: Sendable, Equatable {
    /// From the first lane's beginning to the last one's end.
    package var span: Interval
    package var faults: [ChartFault] = []
    package var rows: [ChartRow] = []
    package var strips: [Strip] = []
    /// Moments that a reader may want to go to, in order.
    package var moments: [Moment] = []
    /// Rows and moments that were left out to keep the chart bounded.
    package var omittedRows = 0
    package var omittedMoments = 0

    package init(span: Interval) { self.span = span }
}

/// A fault's or a healing step's window, shaded through all rows.
package struct ChartFault: Sendable, Equatable {
    package var id: String
    package var words: String
    package var window: Interval
    package var isHealing: Bool
    package var trial: Int
}

/// The states of one thing over time.
package struct ChartRow: Sendable, Equatable {
    /// The rows of a figure by what they show, in the order of the page; raw values are its headings.
    package enum Group: String, Sendable, CaseIterable {
        case nodes = "Nodes"
        case gateways = "Gateway pods, by node"
        case endpoints = "Ready endpoints"
        case targets = "Balancer's target set"
        case healthChecks = "Load balancer's health checks"
    }

    /// How well a thing is; ordered from the best to the worst.
    package enum State: String, Sendable, Comparable {
        case good, changing, bad
        /// It did not exist, or was in no set.
        case gone

        /// From the best to the worst.
        private static let order: [State] = [.good, .gone, .changing, .bad]

        /// By how much it says against the lane: the worse state is the greater.
        package static func < (a: State, b: State) -> Bool {
            (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
        }
    }

    /// A stretch of one state, and its words for whoever points at it.
    package struct Span: Sendable, Equatable {
        package var interval: Interval
        package var state: State
        package var words: String
    }

    package var group: Group
    package var name: String
    /// In order, without overlap.
    package var spans: [Span]

    /// At most two spans in each of `parts` equal parts of an interval: the worst state of each stands for it.
    func thinned(_ span: Interval, parts: Int) -> ChartRow {
        guard spans.count > parts * 2 else { return self }
        var row = self
        row.spans = []
        let length = max(1, span.length.inNanoseconds / Int64(parts))
        var part: Int64 = .min
        for next in spans {
            let place = (next.interval.start - span.start).inNanoseconds / length
            if place == part, var last = row.spans.popLast() {
                last.interval.end = next.interval.end
                if next.state > last.state { (last.state, last.words) = (next.state, next.words) }
                row.spans.append(last)
            } else {
                row.spans.append(next)
                part = place
            }
        }
        return row
    }
}

/// What the lanes of one traffic, method and connection mode saw, over all trials.
package struct Strip: Sendable, Equatable {
    /// How a stretch of a lane was: all slots good, some bad, or none good for a second or more.
    package enum Kind: String, Sendable {
        case good, brownout, blackout
        /// The prober's own failures alone.
        case excluded
    }

    /// Consecutive slots of one kind, counted.
    package struct Segment: Sendable, Equatable {
        package var interval: Interval
        package var kind: Kind
        package var good: Int
        package var bad: Int
        package var excluded: Int
        /// The slowest good answer, in nanoseconds.
        package var slowest: Int64

        package var badShare: Double { good + bad == 0 ? 0 : Double(bad) / Double(good + bad) }
    }

    package var name: String
    package var peering: String
    /// A control lane.
    package var isControl: Bool
    package var segments: [Segment]
}

/// One moment with a link of its own.
package struct Moment: Sendable, Equatable {
    /// What kind of event it is.
    package enum Kind: String, Sendable, CaseIterable {
        case fault, healing, condition, outage, node, balancer, endpoint, trial, trouble
    }

    package var at: RunInstant
    package var trial: Int?
    package var kind: Kind
    package var words: String
}
