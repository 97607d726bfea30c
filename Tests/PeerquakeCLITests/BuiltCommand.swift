import Foundation
import Testing

/// The command that was built with the tests, and the project that it belongs to.
enum BuiltCommand {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of `peerquake`; fails the test where there is none.
    static func path() throws -> String {
        let beside = Bundle.main.bundleURL.deletingLastPathComponent().appending(path: "peerquake").path
        return try #require(
            [root.appending(path: ".build/debug/peerquake").path, beside].first {
                FileManager.default.isExecutableFile(atPath: $0)
            })
    }
}
