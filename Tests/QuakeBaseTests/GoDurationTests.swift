import QuakeBase
import Testing

@Suite("Go's durations")
struct GoDurationTests {
    /// Out of the tests of Go's own package `time`, and out of what Kubernetes' components are given.
    @Test(
        "are read as time.ParseDuration reads them",
        arguments: [
            ("0", Duration.zero), ("+0", .zero), ("-0", .zero), ("16s", .seconds(16)), ("1m30s", .seconds(90)),
            ("720h", .seconds(2_592_000)), ("1h10m", .seconds(4200)), ("1.5s", .milliseconds(1500)),
            (".5s", .milliseconds(500)), ("1.s", .seconds(1)), ("1.0s", .seconds(1)), ("1.004s", .milliseconds(1004)),
            ("1.00400s", .milliseconds(1004)), ("100.00100s", .milliseconds(100_001)), ("-2m", .seconds(-120)),
            ("-.5s", .milliseconds(-500)), ("+3s", .seconds(3)), ("10us", .microseconds(10)),
            ("10\u{B5}s", .microseconds(10)), ("10\u{3BC}s", .microseconds(10)), ("7ns", .nanoseconds(7)),
            ("1s1s", .seconds(2)), ("30s1h", .seconds(3630)), ("3h30m", .seconds(12_600)),
            ("1h2m3s4ms", .milliseconds(3_723_004)), ("52763797000ns", .nanoseconds(52_763_797_000)),
        ])
    func read(text: String, value: Duration) { #expect(GoDuration.parse(text) == value) }

    @Test(
        "lose what is shorter than a nanosecond",
        arguments: [
            ("0.0000000001s", 0), ("1.7ns", 1), ("-1.7ns", -1), ("0.000000000009h", 32),
            ("0.3333333333333333333h", 1_200_000_000_000), ("0.100000000000000000000h", 360_000_000_000),
        ])
    func fractions(text: String, nanoseconds: Int64) { #expect(GoDuration.parse(text) == .nanoseconds(nanoseconds)) }

    @Test("fill 64 bits, and are a nanosecond longer before zero")
    func limits() throws {
        #expect(GoDuration.parse("9223372036854775807ns") == .nanoseconds(Int64.max))
        #expect(GoDuration.parse("9223372036854775.807us") == .nanoseconds(Int64.max))
        #expect(GoDuration.parse("-9223372036854775808ns") == .nanoseconds(Int64.min))
        #expect(GoDuration.parse("-2562047h47m16.854775808s") == .nanoseconds(Int64.min))
        #expect(throws: GoDuration.Refusal.tooLong) { try GoDuration.read("9223372036854775808ns") }
        #expect(GoDuration.sum(try GoDuration.parts("9223372036854775808ns")) == nil)
    }

    @Test(
        "are refused with the reason",
        arguments: [
            ("", GoDuration.Refusal.noDuration), ("-", .noDuration), ("+", .noDuration), ("s", .noDuration),
            (".", .noDuration), (".s", .noDuration), ("-.s", .noDuration), ("1.2.3s", .noDuration),
            ("--1s", .noDuration), ("Never", .noDuration), ("\u{661}s", .noDuration), ("1", .noUnit), ("00", .noUnit),
            ("1s2", .noUnit), ("1d", .unknownUnit("d")), ("1S", .unknownUnit("S")), ("1 s", .unknownUnit(" s")),
            ("1s ", .unknownUnit("s ")), ("1e3s", .unknownUnit("e")), ("0x1s", .unknownUnit("x")),
            ("99999999999h", .tooLong), ("-99999999999h", .tooLong), ("99999999999999999999999s", .tooLong),
            ("2562048h", .tooLong), ("9223372036854775807ns1ns", .tooLong),
            ("9223372036854775808ns9223372036854775808ns", .tooLong), ("-9223372036854775809ns", .tooLong),
            ("9223372036854775.808us", .tooLong),
        ])
    func refuse(text: String, reason: GoDuration.Refusal) {
        #expect(throws: reason) { try GoDuration.read(text) }
        #expect(GoDuration.parse(text) == nil)
    }

    @Test("come apart into what was written, without a sign")
    func parts() throws {
        let parts = try GoDuration.parts("1h.5m2.s10\u{B5}s")
        #expect(parts.map(\.whole) == ["1", "", "2", "10"])
        #expect(parts.map(\.decimals) == [nil, "5", "", nil])
        #expect(parts.map(\.unit) == [.hours, .minutes, .seconds, .microseconds])
        #expect(GoDuration.sum(parts) == .seconds(3632) + .microseconds(10))
        for text in ["-1s", "+1s", "0", ""] { #expect(throws: GoDuration.Refusal.self) { try GoDuration.parts(text) } }
    }

    @Test(
        "are written in seconds, or else in milliseconds",
        arguments: [
            (Duration.seconds(90), "90s"), (.milliseconds(1500), "1500ms"), (.zero, "0s"), (.seconds(-3), "-3s"),
            (.milliseconds(-500), "-500ms"), (.microseconds(1500), "1ms"), (.seconds(3600), "3600s"),
        ])
    func write(duration: Duration, text: String) { #expect(duration.flagText == text) }

    @Test("are read back as they were written")
    func inverse() {
        for milliseconds in stride(from: -20_000_000, through: 20_000_000, by: 7919) {
            let duration = Duration.milliseconds(milliseconds)
            #expect(GoDuration.parse(duration.flagText) == duration)
        }
    }
}
