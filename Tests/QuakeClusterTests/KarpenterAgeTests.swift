import Testing

@testable import QuakeCluster

@Suite("Ages of Karpenter's nodes")
struct KarpenterAgeTests {
    @Test(
        "are hours, minutes and seconds, in whole numbers and any order",
        arguments: [
            ("720h", 2_592_000), ("1h10m", 4200), ("300s", 300), ("30s1h", 3630), ("1s1s", 2), ("0s", 0), ("007m", 420),
        ])
    func read(text: String, seconds: Int) { #expect(Karpenter.duration(text) == .seconds(seconds)) }

    @Test(
        "are nothing else",
        arguments: ["", "Never", "0", "10", "500ms", "1.5h", "-1h", "+1h", "1d", "h", "1h ", "1us", "99999999999h"])
    func refuse(text: String) { #expect(Karpenter.duration(text) == nil) }
}
