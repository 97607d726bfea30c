import Foundation
import Testing

/// What the ground floor has is written there alone.
@Suite("The ground floor")
struct GroundFloorTests {
    private static let floor = "Sources/QuakeBase/"

    @Test(
        "has the only one of each",
        arguments: [
            // SplitMix64's constant.
            #"0x9E37_?79B9_?7F4A_?7C15"#,
            // Readings of the machine's clocks.
            #"clock_gettime\("#,
            // A duration's parts of a second.
            #"\battoseconds\b"#,
            // Go's two signs for a microsecond.
            "\"\u{B5}s\"|\"\u{3BC}s\"|u\\{(B5|3BC)\\}",
            // A query, and a percent sign before a byte.
            #"split\(separator: "[?&]""#, #"ascii: "%""#,
        ])
    func single(pattern: String) throws {
        let regex = try Regex(pattern)
        var places: [String] = []
        for folder in ["Sources", "Benchmarks"] {
            for path in try Project.sources(in: folder) where try Project.text(path).firstMatch(of: regex) != nil {
                places.append(path)
            }
        }
        #expect(!places.isEmpty, "nothing has \(pattern): it checks nothing")
        #expect(places.allSatisfy { $0.hasPrefix(Self.floor) }, "\(places)")
    }

    @Test("depends on no other target")
    func lowest() throws {
        #expect(try Manifest().below("QuakeBase").isEmpty)
    }
}
