import QuakePlan
import Testing

/// How long a run goes on yet.
@Suite("The time that a run takes yet")
struct TimeLeftTests {
    /// Two cells, of 20 s and of 40 s, twice.
    private static func plan() -> Plan {
        func cell(_ seconds: Int) -> Cell {
            Cell(
                traffic: [], hypothesis: Hypothesis(baseline: .seconds(10)),
                steps: [Step(id: "w", body: .action(.wait(.seconds(seconds - 10))))], settle: .seconds(0))
        }
        return Plan(name: "p", clusters: [], cells: [cell(20), cell(40)], repeats: 2)
    }

    @Test("is the plan's own length before anything was seen")
    func atFirst() {
        let time = TimeLeft(Self.plan())
        #expect(time.left(at: .seconds(3)) == .seconds(120))
        #expect(time.words(at: .seconds(3)) == "at least 2:00 left")
    }

    @Test("falls with the trial in progress, and not below what the others take")
    func underWay() {
        var time = TimeLeft(Self.plan())
        time.began(trial: 0, at: .seconds(5))
        #expect(time.left(at: .seconds(15)) == .seconds(110))
        #expect(time.left(at: .seconds(100)) == .seconds(100))
        #expect(time.words(at: .seconds(15)) == "at least 1:50 left")
    }

    @Test("counts what trials that are over took more, for those to come")
    func overrun() {
        var time = TimeLeft(Self.plan())
        time.began(trial: 0, at: .seconds(0))
        time.ended(at: .seconds(26))
        #expect(time.left(at: .seconds(26)) == .seconds(100 + 3 * 6))
        #expect(time.words(at: .seconds(26)) == "about 1:58 left")
        time.began(trial: 1, at: .seconds(30))
        #expect(time.left(at: .seconds(40)) == .seconds(36 + 72))
        time.ended(at: .seconds(80))
        // 6 s and 10 s more than planned.
        #expect(time.left(at: .seconds(80)) == .seconds(60 + 2 * 8))
    }

    @Test("is not shorter than the plan where trials took less")
    func shorter() {
        var time = TimeLeft(Self.plan())
        time.began(trial: 0, at: .zero)
        time.ended(at: .seconds(12))
        #expect(time.left(at: .seconds(12)) == .seconds(100))
    }

    @Test("says so where the last trial takes longer than was known")
    func late() {
        var time = TimeLeft(Self.plan())
        time.began(trial: 3, at: .zero)
        #expect(time.words(at: .seconds(41)) == "longer than its plan says")
        time.ended(at: .seconds(50))
        #expect(time.left(at: .seconds(50)) == .zero)
    }

    @Test(
        "is written as clocks write it",
        arguments: [
            (0, "0:00"), (7, "0:07"), (65, "1:05"), (3599, "59:59"), (4025, "1:07:05"), (-3, "0:00"),
        ])
    func clock(_ seconds: Int, _ text: String) { #expect(TimeLeft.clock(.seconds(seconds)) == text) }
}
