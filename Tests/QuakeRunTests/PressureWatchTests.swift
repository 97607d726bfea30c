import QuakeTimeline
import Testing

@testable import QuakeRun

@Suite("Threads that queue for the host's processors")
struct PressureWatchTests {
    private static func moment(_ millis: Int64) -> RunInstant { RunInstant(nanoseconds: millis * 1_000_000) }

    /// What a watch says of readings that are a quarter of a second apart, by the share of each quarter in which a thread
    /// waited.
    private static func judge(_ shares: [Double]) -> [Interval?] {
        var watch = PressureWatch()
        var waited = Duration.seconds(100)
        var said = [watch.judge(waited, at: moment(0))]
        for (index, share) in shares.enumerated() {
            waited += .milliseconds(250) * share
            said.append(watch.judge(waited, at: moment(Int64(index + 1) * 250)))
        }
        return said
    }

    @Test("are read out of the kernel's file, where it is")
    func reads() {
        let text = "some avg10=1.50 avg60=0.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 total=0\n"
        #expect(PressureWatch.waited { $0 == "/proc/pressure/cpu" ? text : nil } == .microseconds(123_456))
        #expect(PressureWatch.waited { _ in nil } == nil)
        #expect(PressureWatch.waited { _ in "some avg10=1.50\n" } == nil)
    }

    /// The shares are those of a pod's start on two processors with eight kind nodes, which cost 0.6 s of requests.
    @Test("make the time of a pod's start suspect, and not the time around it")
    func podStart() {
        let said = Self.judge([0.40, 0.66, 0.94, 0.94, 0.92, 0.92, 0.66, 0.40])
        #expect(
            said == [
                nil, nil, nil, nil, Interval(start: Self.moment(500), end: Self.moment(1000)),
                Interval(start: Self.moment(750), end: Self.moment(1250)),
                Interval(start: Self.moment(1000), end: Self.moment(1500)), nil, nil,
            ])
    }

    @Test("do not matter in ordinary work, nor for a quarter of a second")
    func ordinary() {
        #expect(Self.judge([0.3, 0.5, 0.8, 0.8, 0.7, 1.0, 0.7, 0.3]).allSatisfy { $0 == nil })
    }

    @Test("are seen by readings that come late, too")
    func late() {
        var watch = PressureWatch()
        let first = watch.judge(.seconds(1), at: Self.moment(0))
        let second = watch.judge(.seconds(3), at: Self.moment(2100))
        let third = watch.judge(.seconds(3), at: Self.moment(2700))
        #expect(first == nil)
        #expect(second == Interval(start: Self.moment(0), end: Self.moment(2100)))
        #expect(third == nil)
    }
}
