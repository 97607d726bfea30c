import QuakeBase
import Testing

@Suite("Durations in whole units")
struct DurationTests {
    @Test("are rounded towards zero, before zero too")
    func rounding() {
        #expect(Duration(secondsComponent: 1, attosecondsComponent: 999_999_999).inNanoseconds == 1_000_000_000)
        #expect(Duration(secondsComponent: -1, attosecondsComponent: -999_999_999).inNanoseconds == -1_000_000_000)
        #expect(Duration.nanoseconds(-1_999_999).inMilliseconds == -1)
        #expect(Duration.nanoseconds(1_999_999).inMilliseconds == 1)
        #expect(Duration.milliseconds(295_001).inMilliseconds == 295_001)
    }

    @Test("are seconds with their fraction")
    func seconds() {
        #expect(Duration.milliseconds(2500).inSeconds == 2.5)
        #expect(Duration.milliseconds(-1).inSeconds == -0.001)
        #expect(Duration.zero.inSeconds == 0)
        #expect(Duration.seconds(2).isWholeSeconds && Duration.zero.isWholeSeconds)
        #expect(!Duration.milliseconds(-1500).isWholeSeconds)
    }

    @Test("stop at the longest that 64 bits hold")
    func overflow() {
        #expect(Duration.nanoseconds(Int64.max).inNanoseconds == .max)
        #expect(Duration.nanoseconds(Int64.min).inNanoseconds == .min)
        #expect((Duration.nanoseconds(Int64.max) + .nanoseconds(1)).inNanoseconds == .max)
        #expect((Duration.nanoseconds(Int64.min) - .nanoseconds(1)).inNanoseconds == .min)
        #expect(Duration.seconds(Int64.max).inNanoseconds == .max)
        #expect(Duration.seconds(Int64.min).inMilliseconds == .min / 1_000_000)
    }

    @Test("are rounded up to a step")
    func steps() {
        #expect(Duration.milliseconds(2500).roundedUp(to: .seconds(1)) == .seconds(3))
        #expect(Duration.seconds(3).roundedUp(to: .seconds(1)) == .seconds(3))
        #expect(Duration.zero.roundedUp(to: .seconds(5)) == .zero)
    }
}

@Suite("The machine's clocks")
struct SystemClockTests {
    @Test("count nanoseconds, and the monotonic one never goes back")
    func forward() {
        let first = SystemClock.monotonic
        let (process, thread) = (SystemClock.process, SystemClock.thread)
        #expect(SystemClock.monotonic >= first)
        #expect(SystemClock.process >= process && SystemClock.thread > 0 && thread > 0)
        #expect(SystemClock.processSeconds >= Double(process) / 1e9)
        // 2020 to 2262.
        #expect(SystemClock.unix > 1_577_836_800_000_000_000)
    }
}
