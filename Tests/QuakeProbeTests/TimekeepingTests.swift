import QuakeProbe
import Testing

@Suite("Whether a machine keeps time")
struct TimekeepingTests {
    private static func made(_ milliseconds: [Int]) -> Timekeeping {
        Timekeeping(
            lateness: milliseconds.map { .milliseconds($0) }, period: .milliseconds(250), scheduling: "SCHED_OTHER")
    }

    @Test("is shown by percentiles of the lateness")
    func percentiles() {
        let times = Self.made([4, 1, 3, 2])
        #expect(times.percentile(0.5) == .milliseconds(3))
        #expect(times.percentile(1) == .milliseconds(4))
        #expect(times.percentile(0) == .milliseconds(1))
        #expect(Self.made([]).percentile(0.5) == .zero)
    }

    @Test("is shown by the seconds in which any moment was too late")
    func seconds() {
        let times = Self.made([0, 30, 0, 0, 0, 0, 0, 0, 11, 12, 0, 0])
        #expect(times.seconds == 3)
        #expect(times.lateSeconds(over: .milliseconds(10)) == 2)
        #expect(times.lateSeconds(over: .milliseconds(20)) == 1)
        #expect(times.lateSeconds(over: .milliseconds(30)) == 0)
    }

    @Test("is measured on a thread that sleeps until moments of a grid, none of which it wakes before")
    func measured() async {
        let times = await Timekeeping.measure(for: .milliseconds(100), every: .milliseconds(5))
        #expect(times.lateness.count == 20)
        #expect(times.lateness.allSatisfy { $0 >= .zero })
        #expect(times.scheduling.hasPrefix("SCHED_"))
    }
}
