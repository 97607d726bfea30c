package import QuakeTimeline

/// What a directory of runs shows over time.
package struct RunHistory: Sendable, Equatable, Codable {
    /// One run of the history.
    package struct Run: Sendable, Equatable, Codable {
        package var id: String
        package var plan: String
        /// Unix time of its origin in nanoseconds.
        package var startUnixNanoseconds: Int64
        package var exit: PeerquakeExit
        package var state: RunState
        package var leftOut: [LeftOut]
    }

    /// How one run's repeats of a key stand beside those of the good runs before it.
    package enum State: String, Sendable, Codable {
        /// The first run of the key: what the next one is held against.
        case first
        /// Nothing speaks against it.
        case good
        /// Ten repeats or more on both sides, and the tests of a comparison find it worse.
        case worse
        /// Fewer repeats, and its median lies well above everything that good runs showed: see ``Historian``.
        case high

        package var isBad: Bool { self == .worse || self == .high }
    }

    /// One run's repeats of a key.
    package struct Point: Sendable, Equatable, Codable {
        /// Index into ``RunHistory/runs``.
        package var run: Int
        package var repeats: Int
        package var recovery: Reading
        package var loss: Reading
        package var state: State
        /// Recovery or loss, where the run is bad.
        package var badMeasures: [Measure]
        /// Versions and nodes, where they are others than at the point before.
        package var changed: String?
    }

    /// A key over time.
    package struct Trend: Sendable, Equatable, Codable {
        /// Without versions and nodes, which change over time: see ``Point/changed``.
        package var key: ComparisonKey
        /// In the order of the runs' starts.
        package var points: [Point]

        /// The first point of the last uninterrupted stretch of bad runs.
        package var firstBad: Point? {
            guard let last = points.lastIndex(where: \.state.isBad) else { return nil }
            var first = last
            while first > 0, points[first - 1].state.isBad { first -= 1 }
            return points[first]
        }

        /// Whether the newest run is bad.
        package var isBad: Bool { points.last?.state.isBad ?? false }
    }

    /// By their start.
    package var runs: [Run]
    /// Bad ones first, then in the order of their keys.
    package var trends: [Trend]
}
