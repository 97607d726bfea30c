import QuakeShell
import QuakeTimeline

/// Commands of earlier versions that only those who work on Peerquake need: they are `peerquake-dev`'s.
enum MovedCommand {
    private static let names: Set<String> = ["snapshot", "check-loss", "manual"]

    /// - Throws: ``Failure`` that says where the command is now.
    static func refuse(_ arguments: [String]) throws {
        guard let name = arguments.first, names.contains(name) else { return }
        throw Failure(
            .usage, "\(name) is now a command of peerquake-dev, which is for Peerquake's developers",
            hint: "swift build --product peerquake-dev, then: peerquake-dev \(name)")
    }
}
