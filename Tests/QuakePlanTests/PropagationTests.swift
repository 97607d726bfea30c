import QuakePlanFiles
import QuakeYAML
import Testing

@testable import QuakePlan

/// What a plan says of propagation: the action and the expectation.
struct PropagationTests {
    private static func plan(_ steps: [String], _ more: String = "") throws -> Plan {
        try Plan.parse(PlanText.minimal(steps: steps, more), path: "t.yaml")
    }

    private static func problems(_ steps: [String], _ more: String = "", text: ((String) -> String)? = nil) -> [String]
    {
        do {
            let whole = PlanText.minimal(steps: steps, more)
            _ = try Plan.parse(text?(whole) ?? whole, path: "t.yaml")
            return []
        } catch {
            return error.problems.map { "\($0)" }
        }
    }

    @Test func theActionReadsItsKeysAndTheirDefaults() throws {
        let plan = try Self.plan([
            "measure-propagation: {cluster: west}",
            "measure-propagation: {cluster: west, change: endpoint, repeat: 4, within: 8s}",
        ])
        let steps = try #require(plan.cells.first?.steps)
        #expect(steps[0].body == .action(.declared(MeasurePropagation(cluster: "west"))))
        let endpoint = MeasurePropagation(cluster: "west", change: .endpoint, rounds: 4, within: .seconds(8))
        #expect(steps[1].body == .action(.declared(endpoint)))
        #expect(endpoint.longestWait == .seconds(4 * 68 + 60))
        #expect(MeasurePropagation(cluster: "west").longestWait == .seconds(60 + 20 + 60))
    }

    @Test(arguments: [
        ("{cluster: west, change: targets}", "t.yaml:7:50: change"),
        ("{cluster: west, repeat: 0}", "t.yaml:7:50: repeat"), ("{cluster: west, within: 0s}", "t.yaml:7:50: within"),
        ("{cluster: west, lane: new}", "t.yaml:7:42: measure-propagation: unknown key \"lane\""),
        ("{change: target}", "t.yaml:7:26: measure-propagation: \"cluster\" is missing"),
        (
            "{cluster: east, change: endpoint}",
            "t.yaml:7:50: change: endpoint is seen by requests over fresh connections"
        ),
    ])
    func aWrongValueIsReportedWithItsPlace(body: String, start: String) {
        let found = Self.problems(["measure-propagation: \(body)"])
        #expect(found.count == 1 && found[0].hasPrefix(start), "\(found)")
    }

    @Test func aTargetNeedsAPeer() {
        let found = Self.problems(["measure-propagation: {cluster: west}"]) {
            $0.replacing("[east, west]", with: "[west]").replacing("from: east", with: "from: west")
        }
        #expect(found.contains { $0.contains("change: target is what the peers of west know") }, "\(found)")
    }

    @Test(arguments: [
        (
            #"{propagation: "<= 10s"}"#,
            "propagation: the step \"seen\" waits for 8s only, which is no longer than 10s; give it a longer \"within\""
        ),
        (#"{propagation: "> 8s"}"#, "propagation: the step \"seen\" waits for 8s only, which is no longer than 8s"),
        (
            #"{propagation: "<= 5s", when: {step: cut}}"#,
            "propagation: no step selected is a measure-propagation, so nothing is measured"
        ),
        (#"{propagation: 5s}"#, "propagation: \"5s\" would have to be met exactly"),
    ])
    func anExpectationThatNothingCouldAnswerIsRefused(expectation: String, words: String) {
        let steps = [
            "id: cut\ncordon: {cluster: west, nodes: {role: worker}}",
            "id: seen\nmeasure-propagation: {cluster: west, within: 8s}",
        ]
        let found = Self.problems(steps, "expect:\n  - \(expectation)")
        #expect(found.count == 1 && found[0].hasPrefix("t.yaml:12:") && found[0].contains(words), "\(found)")
    }

    @Test func anExpectationSelectsTheStep() throws {
        let plan = try Self.plan(
            ["id: seen\nmeasure-propagation: {cluster: west, within: 8s}"],
            #"expect: [{propagation: "<= 5s", when: {step: seen}}]"#)
        let expectation = try #require(plan.cells.first?.expectations.first)
        #expect(expectation.claim == .propagation(Comparison(.atMost, .seconds(5))))
        #expect(expectation.claim.declared.words == "propagation <= 5.0 s" && expectation.when == ["step": "seen"])
    }
}
