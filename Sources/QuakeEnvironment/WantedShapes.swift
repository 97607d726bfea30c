package import QuakeShipped

/// What shapes clusters that a run makes.
package enum WantedShapes: Sendable, Equatable {
    /// Kind configs, one a cluster.
    case files([String])
    /// The clusters `east` and `west` whose kind configs are in the program.
    case pair(PairTiming)

    /// As options of `peerquake embedded`.
    var options: [String] {
        switch self {
        case .files(let paths): paths.flatMap { ["--config", $0] }
        case .pair(let timing): ["--timing", timing.rawValue]
        }
    }
}
