import QuakeBase
import Testing

@testable import QuakeKindConfig

@Suite("Values as Go reads them")
struct GoValueTests {
    @Test(
        "durations",
        arguments: [
            ("0", 0), ("16s", 16e9), ("1m30s", 90e9), ("1.5h", 5400e9), ("-5s", -5e9), ("+5s", 5e9), (".5s", 0.5e9),
            ("1µs", 1e3), ("10ns", 10), ("1h2m3s4ms", 3_723_004_000_000),
        ])
    func durations(text: String, nanoseconds: Double) {
        #expect(GoDuration.parse(text) == .nanoseconds(Int64(nanoseconds)))
    }

    @Test("no durations", arguments: ["", "5", "s", "1 s", "5S", "1.2.3s", "1d", "--1s", ".s", "1e3s", "99999999999h"])
    func none(text: String) { #expect(GoValue.durationProblem(text) != nil) }

    @Test("addresses and subnets")
    func addresses() {
        for good in ["0.0.0.0", "::", "fd00::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::"] {
            #expect(IPAddress(good) != nil, "\(good)")
        }
        for bad in ["", "1.2.3", "1.2.3.256", "01.2.3.4", ":::", "1:2", "1::2::3", "fe80::1%eth0", "1:2:3:4:5:6:7:8:9"]
        {
            #expect(IPAddress(bad) == nil, "\(bad)")
        }
        #expect(IPAddress.isSubnetOfVersion4("10.0.0.0/8") == true)
        #expect(IPAddress.isSubnetOfVersion4("fd00::/64") == false)
        #expect(IPAddress.isSubnetOfVersion4("10.0.0.0") == nil)
    }
}
