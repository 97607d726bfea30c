import QuakePlan
import QuakeRun
import Testing

@Suite("How often a plan is gone through")
struct RepetitionTests {
    /// Two cells of 10 s and 20 s.
    private let plan = Plan(
        name: "p", clusters: ["east", "west"],
        cells: [10, 20].map { seconds in
            Cell(
                traffic: [], hypothesis: Hypothesis(baseline: .zero),
                steps: [
                    Step(
                        id: "w", body: .action(.wait(.seconds(seconds))), position: SourcePosition(line: 1, column: 1))
                ])
        }, repeats: 3)

    @Test("is the plan's own business in a run")
    func planned() {
        let trials = (0..<10).compactMap { Repetition.asPlanned.trial($0, of: plan, after: .seconds(9999)) }
        #expect(trials == plan.trials)
    }

    @Test("has no end in a soak but its time: no trial begins that could not be over")
    func soak() {
        let soak = Repetition.lasting(.seconds(100))
        #expect(
            soak.trial(501, of: plan, after: .seconds(80)) == Trial(index: 501, repeatIndex: 250, cell: 1))
        #expect(soak.trial(501, of: plan, after: .seconds(81)) == nil)
        #expect(soak.trial(500, of: plan, after: .seconds(90))?.cell == 0)
        #expect(soak.trial(500, of: plan, after: .seconds(91)) == nil)
    }

    @Test("is at least one")
    func atLeastOne() {
        #expect(Repetition.lasting(.seconds(1)).trial(0, of: plan, after: .seconds(60))?.index == 0)
    }
}
