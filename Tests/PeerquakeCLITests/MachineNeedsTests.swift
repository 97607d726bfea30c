import QuakeEnvironment
import QuakePlan
import QuakeProbe
import Testing

@testable import peerquake

/// What `doctor` says of a machine that was measured.
@Suite("A machine and the plans that it can carry")
struct MachineNeedsTests {
    private static func plan(rate: Double, _ connections: [ConnectionMode] = [.new, .pooled]) -> Plan {
        let traffic = Traffic(name: "echo", url: "", from: "east", to: "west", rate: rate, connections: connections)
        return Plan(name: "p", clusters: [], cells: [Cell(traffic: [traffic], steps: [])])
    }

    private static func needs(
        late milliseconds: Double = 0, free: Double? = 0.5, scheduling: String = "SCHED_FIFO 1", rate: Double = 50
    ) -> [String: (isLow: Bool, detail: String, hint: String)] {
        let lateness = Array(repeating: Duration.microseconds(80), count: 599) + [.milliseconds(milliseconds)]
        let measured = MachineNeeds.Measured(
            timekeeping: Timekeeping(lateness: lateness, period: .milliseconds(5), scheduling: scheduling),
            processors: 2, load: 1.25, free: free)
        let needs = MachineNeeds(measured: measured).needs([("Plans/made.yaml", plan(rate: rate))])
        return Dictionary(
            uniqueKeysWithValues: needs.map {
                ($0.name, (isLow: $0.state == .low, detail: $0.detail, hint: $0.hint ?? ""))
            })
    }

    @Test("a machine that is in time and idle carries every plan")
    func good() throws {
        let needs = Self.needs()
        #expect(needs.values.allSatisfy { !$0.isLow })
        #expect(
            needs["timers"]?.detail
                == "late by 0.08 ms in the median, 0.08 ms (p99), 0.08 ms at most in 3 s, SCHED_FIFO 1")
        #expect(needs["load"]?.detail == "1.2 on 2 processors, 50 % free")
        #expect(needs["plan made"]?.detail == "can be carried: 100 requests/s, 2 % of a processor")
    }

    @Test(
        "a plan is carried where timers are in time for its lanes, by the prober's own rule",
        arguments: [
            (50.0, 19.0, false), (50, 21, true), (200, 11, true), (200, 9, false), (1, 500, false),
        ])
    func late(_ rate: Double, _ milliseconds: Double, _ isLow: Bool) throws {
        let need = try #require(Self.needs(late: milliseconds, rate: rate)["plan made"])
        #expect(need.isLow == isLow, "\(need.detail)")
        if isLow { #expect(need.detail.contains("in 1 of 3 s")) }
    }

    @Test("a plan is not carried where its requests take more processors than are free")
    func busy() throws {
        let needs = Self.needs(free: 0.05, rate: 1000)
        #expect(needs["plan made"]?.isLow == true)
        #expect(
            needs["plan made"]?.detail == "would be inconclusive (2000 requests/s, 36 % of a processor): less is free")
        #expect(needs["load"]?.isLow == true)
        #expect(needs["load"]?.hint.hasPrefix("ps -eo") == true)
        #expect(Self.needs(free: nil, rate: 1000)["plan made"]?.isLow == false)
    }

    @Test("late timers come with the command that helps: rights where the thread has no precedence, else who is busy")
    func hints() {
        let late = Self.needs(late: 40, scheduling: "SCHED_OTHER")["timers"]
        #expect(late?.isLow == true)
        #expect(late?.hint.hasPrefix("sudo setcap cap_sys_nice=ep") == true)
        #expect(Self.needs(late: 40)["timers"]?.hint.hasPrefix("ps -eo") == true)
    }
}
