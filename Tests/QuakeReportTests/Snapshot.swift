import Foundation
import Testing

/// Compares with a file beside the tests; where there is none it is written, and the test fails.
func compare(_ text: String, with name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
    guard let known = try? String(contentsOf: file, encoding: .utf8) else {
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("recorded \(name); look at it and run again")
        return
    }
    #expect(text == known)
}
