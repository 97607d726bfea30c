import QuakePlan
import Testing

struct QuantityTests {
    @Test(arguments: [
        ("0", 0), ("0s", 0), ("90s", 90_000), ("1m30s", 90_000), ("250ms", 250), ("2h", 7_200_000), ("1.5s", 1_500),
        ("0.001s", 1), ("1h1m1s1ms", 3_661_001), ("10000h", 36_000_000_000),
    ])
    func durationsAreRead(text: String, milliseconds: Int) {
        #expect(Quantity.duration(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "s", "10", "10 s", "-1s", "+1s", "1s1s", "1s1m", "1e3s", "1..5s", "1.s", ".5s", "1.2345s", "10001h", "1d",
        "٣s", "9999999999999999999s", "99999999999999999h", "1sm", "${x}", "1s ", "0x1s", "00",
    ])
    func whatIsNoDurationIsRefused(text: String) { #expect(Quantity.duration(text) == nil) }

    @Test func textAndDurationAreInverse() {
        var milliseconds = 0
        // Steps that share no factor with the units, up to a few hours.
        while milliseconds < 20_000_000 {
            let duration = Duration.milliseconds(milliseconds)
            #expect(Quantity.duration(Quantity.text(duration)) == duration)
            milliseconds += 7919
        }
    }

    @Test(arguments: 1...60)
    func everySplitOfADurationSumsUp(seconds: Int) {
        #expect(Quantity.duration("2m\(seconds)s") == .seconds(120 + seconds))
        #expect(Quantity.duration("\(seconds)m\(seconds).25s\(seconds)ms") == .milliseconds(seconds * 61_001 + 250))
    }

    @Test(arguments: [("20/s", 20), ("2.5/s", 2.5), ("600/m", 10), ("600/min", 10), ("0/s", 0)])
    func ratesAreRead(text: String, perSecond: Double) { #expect(Quantity.rate(text) == perSecond) }

    @Test(arguments: ["20", "20/h", "/s", "-1/s", "1e3/s", "inf/s", "20/s/s", ".5/s", "1.2.3/s"])
    func whatIsNoRateIsRefused(text: String) { #expect(Quantity.rate(text) == nil) }

    @Test(arguments: [("0%", 0), ("99.9%", 0.999), ("100%", 1), ("60%", 0.6)])
    func sharesAreTheNearestDouble(text: String, share: Double) {
        #expect(Quantity.share(text) == share)
    }

    @Test(arguments: ["0.99", "101%", "-1%", "%", "99 %", "1e1%"])
    func whatIsNoShareIsRefused(text: String) { #expect(Quantity.share(text) == nil) }

    @Test(arguments: [
        (">= 30s", Relation.atLeast), ("<=30s", .atMost), ("> 30s", .above), ("<  30s", .below), ("== 30s", .equal),
        ("30s", .equal),
    ])
    func comparisonsAreRead(text: String, relation: Relation) {
        #expect(Quantity.comparison(text, bound: Quantity.duration) == Comparison(relation, .seconds(30)))
    }

    @Test(arguments: ["=> 30s", "= 30s", ">=", "!= 30s", ">= <= 30s", "30s >="])
    func whatIsNoComparisonIsRefused(text: String) {
        #expect(Quantity.comparison(text, bound: Quantity.duration) == nil)
    }
}
