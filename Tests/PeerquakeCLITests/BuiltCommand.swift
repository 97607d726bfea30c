import Foundation
import Testing

/// The commands that were built with the tests, and the project that they belong to.
enum BuiltCommand {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of `peerquake`, or of another command; fails the test where there is none.
    static func path(_ name: String = "peerquake") throws -> String {
        let beside = Bundle.main.bundleURL.deletingLastPathComponent().appending(path: name).path
        return try #require(
            [root.appending(path: ".build/debug/\(name)").path, beside].first {
                FileManager.default.isExecutableFile(atPath: $0)
            })
    }
}
