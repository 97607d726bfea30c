import QuakeBase
import Testing

@testable import QuakePlan

/// Limits and holds that are worked out from what is known before a trial.
struct FormulaTests {
    private static let facts = CellFacts(
        [
            .gracePeriod: .seconds(16), .monitorPeriod: .seconds(5), .leaseRenewal: .milliseconds(250),
            .healthCheckOut: .seconds(10), .tunnelGiveUp: .zero,
        ], words: [.mesh: "standin", .tunnels: "single"])

    private static func plan(_ more: String, _ facts: CellFacts? = facts, set: [String] = []) throws -> Plan {
        var options = PlanOptions()
        for assignment in set { try options.add(assignment: assignment) }
        let steps = ["id: kill\nkill-node: {cluster: west, nodes: {role: worker, count: 1}, how: pause}\nhold: 10s"]
        let plan = try Plan.parse(PlanText.minimal(steps: steps, more), path: "t.yaml", options: options)
        return try facts.map { try plan.resolved(with: [$0], options: options) } ?? plan
    }

    private static func limit(_ text: String, _ facts: CellFacts? = facts, vars: String = "{}") throws -> Comparison<
        Duration
    > {
        let plan = try plan("vars: \(vars)\nexpect: [{recovery: \"\(text)\"}]", facts)
        return try #require(plan.cells[0].expectations[0].claim.declared as? RecoveryClaim).limit
    }

    private static func problems(_ more: String, _ facts: CellFacts? = facts, set: [String] = []) -> [String] {
        do {
            _ = try plan(more, facts, set: set)
            return []
        } catch let error as PlanError {
            return error.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    // MARK: - Values

    @Test(arguments: [
        ("${gracePeriod}", 16_000), ("${gracePeriod} + ${monitorPeriod}", 21_000), ("2 * ${monitorPeriod}", 10_000),
        ("${gracePeriod} - ${monitorPeriod}", 11_000), ("max(${gracePeriod}, 20s, ${monitorPeriod})", 20_000),
        ("ceil(${gracePeriod} / ${monitorPeriod}) * ${monitorPeriod} + 1s", 21_000), ("1s + 2 * 3s", 7000),
        ("(1s + 2s) * 3", 9000), ("20s - 5s - 1s", 14_000), ("1.5 * ${leaseRenewal}", 375),
        ("100 / ${rate}", 2000), ("100 / 50/s", 2000), ("${rate} * 2s * 1s", 100_000), ("1m30s+1s", 91_000),
        ("ceil(15s / ${monitorPeriod}) * 1s", 3000), ("${tunnelGiveUp} + 1s", 1000),
    ])
    func comesTo(text: String, milliseconds: Int64) throws {
        let limit = try Self.limit("<= \(text)")
        #expect(limit.bound == .milliseconds(milliseconds) && limit.relation == .atMost && !limit.isOpen)
    }

    @Test func aPlainDurationIsNoFormula() throws {
        #expect(try Self.limit("<= 30s").formula == nil)
        #expect(try Self.limit("<= ${limit}", vars: "{limit: 30s}").formula == nil)
    }

    @Test func aVariableCountsAsIfItStoodInParentheses() throws {
        #expect(try Self.limit("<= 2 * ${sum}", vars: "{sum: \"1s + 2s\"}").bound == .seconds(6))
        let nested = "{a: \"${gracePeriod} + 1s\", b: \"2 * ${a}\"}"
        let limit = try Self.limit("<= ${b}", vars: nested)
        #expect(limit.bound == .seconds(34))
        #expect("\(try #require(limit.formula))" == "2 * (${gracePeriod} + 1s)")
    }

    @Test func aVariableOfAFactsNameWins() throws {
        #expect(try Self.limit("<= ${gracePeriod} + 1s", vars: "{gracePeriod: 2s}").bound == .seconds(3))
        let plan = try Self.plan("expect: [{recovery: \"<= ${gracePeriod} + 1s\"}]", nil, set: ["gracePeriod=4s"])
        let claim = try #require(plan.cells[0].expectations[0].claim.declared as? RecoveryClaim)
        #expect(claim.limit.bound == .seconds(5))
        #expect(plan.neededFacts == [])
    }

    @Test func aCountMayBeAFormula() throws {
        let plan = try Self.plan("expect: [{notReady: {count: \"<= ceil(${gracePeriod} / 10s)\"}}]")
        #expect(plan.cells[0].expectations[0].claim == .notReady(Comparison(.atMost, 2, formula: formula(of: plan))))
    }

    private func formula(of plan: Plan) -> Formula? { plan.cells[0].formulas.first?.formula }

    @Test func aHoldMayBeAFormula() throws {
        let text = PlanText.minimal(steps: ["wait: 1s\nhold: \"max(2s, ${gracePeriod} + 1s)\""])
        let plan = try Plan.parse(text, path: "t.yaml")
        #expect(plan.cells[0].steps[0].hold == .zero && plan.cells[0].steps[0].isHoldOpen)
        #expect(plan.lengthWords.contains("and what holds add"))
        let resolved = try plan.resolved(with: [Self.facts], options: PlanOptions())
        #expect(resolved.cells[0].steps[0].hold == .seconds(17) && !resolved.cells[0].steps[0].isHoldOpen)
        // The quiet at its end counts as settled.
        #expect(plan.expectedLength == .seconds(20) && resolved.expectedLength == .seconds(28))
    }

    @Test func theGracePeriodOfEachCellIsItsOwn() throws {
        let text = PlanText.minimal(
            steps: ["id: kill\nkill-node: {cluster: west, nodes: {role: worker}, how: pause}\nhold: 1m"],
            "matrix: {nodeMonitorGracePeriod: [16s, 40s]}\nexpect: [{recovery: \"<= ${gracePeriod}\"}]")
        let plan = try Plan.parse(text, path: "t.yaml").resolved(
            with: [CellFacts([.gracePeriod: .seconds(16)]), CellFacts([.gracePeriod: .seconds(40)])],
            options: PlanOptions())
        let words = plan.cells.map { $0.expectations[0].claim.declared.wording }
        #expect(words.map(\.text) == ["recovery <= 16.0 s = ${gracePeriod}", "recovery <= 40.0 s = ${gracePeriod}"])
        #expect(ClaimWording.text(words) == "recovery <= 16.0 s, 40.0 s = ${gracePeriod}")
    }

    // MARK: - Before the facts are known

    @Test func withoutFactsTheFormulaIsShown() throws {
        let limit = try Self.limit("<= max(${gracePeriod}, 5s) + 1s", nil)
        #expect(limit.isOpen && limit.formula?.facts == [.gracePeriod])
        let plan = try Self.plan("expect: [{recovery: \"<= ${gracePeriod} + 1s\", when: {step: kill}}]", nil)
        #expect(plan.cells[0].formulas.map(\.words) == ["recovery <= ${gracePeriod} + 1s when step kill"])
        #expect(plan.neededFacts == [.gracePeriod])
    }

    @Test func aHoldThatIsNotKnownIsNotTooShortForARecovery() throws {
        let text = PlanText.minimal(
            steps: [
                "id: kill\nkill-node: {cluster: west, nodes: {role: worker}, how: pause}\nhold: \"2 * ${monitorPeriod}\""
            ],
            "settle: 11s\nexpect: [{recovery: \"<= 30s\"}]")
        let plan = try Plan.parse(text, path: "t.yaml")
        #expect(throws: PlanError.self) { try plan.resolved(with: [Self.facts], options: PlanOptions()) }
    }

    // MARK: - Problems

    @Test(arguments: [
        ("<= ${gracePeriod} +", "a quantity, ${…}, a function or \"(\" is expected, and there is the end"),
        ("<= ${gracePeriod} + 3", "${gracePeriod} is a duration and 3 is a number: \"+\" takes two of one kind"),
        ("<= ${gracePeriod} * 2s", "is in seconds to the power of 2, and a duration is expected"),
        ("<= ${rate}", "is a rate, and a duration is expected"), ("<= maxi(1s, 2s)", "unknown function \"maxi\""),
        ("<= max(1s)", "max takes two or more quantities of one kind"), ("<= ceil(1s)", "ceil takes one number"),
        ("<= ${gracePeriods} + 1s", "unknown variable \"gracePeriods\"; did you mean \"gracePeriod\"?"),
        ("<= ${gracePeriod} + 1x", "\"1x\" is not a quantity"), ("<= 1s - ${gracePeriod}", "evaluates to -15.0"),
        ("<= 1s / (${monitorPeriod} - 5s) * 1s", "evaluates to inf"),
        ("${gracePeriod}", "would have to be met exactly"),
        ("<= (${gracePeriod} + 1s", "\")\" is expected, and there is the end"),
    ])
    func saysWhatIsWrong(text: String, words: String) {
        let found = Self.problems("expect: [{recovery: \"\(text)\"}]")
        #expect(found.count == 1 && found[0].contains(words), "\(found)")
    }

    @Test func aProblemHasItsPlaceInTheFormula() {
        let found = Self.problems("expect: [{recovery: \"<= ${gracePeriod} + 1x\"}]")
        // The text begins in column 22, and "1x" 20 scalars on.
        #expect(found.first?.hasPrefix("t.yaml:10:42: ") == true, "\(found)")
    }

    @Test func aFactThatCannotBeReadIsAProblemAtItsPlace() {
        let facts = CellFacts(unreadable: [.gracePeriod: "west: no controller manager is to be seen"])
        let found = Self.problems("expect: [{recovery: \"<= ${gracePeriod} + 1s\"}]", facts)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("t.yaml:10:") == true, "\(found)")
        #expect(
            found.first?.hasSuffix("${gracePeriod} cannot be read: west: no controller manager is to be seen") == true)
    }

    @Test func aFactIsNeededOnlyWhereItsExpectationSelects() {
        let more = "expect: [{recovery: \"<= ${healthCheckOut}\", when: {mesh: standin}}]"
        #expect(Self.problems(more, CellFacts(words: [.mesh: "istio"])) == [])
        #expect(Self.problems(more, CellFacts(words: [.mesh: "standin"])).count == 1)
    }

    @Test(arguments: ["name: ${gracePeriod}", "settle: ${gracePeriod}", "vars: {a: \"${gracePeriod}\"}\nsettle: ${a}"])
    func elsewhereAFactIsRefused(more: String) {
        let found = Self.problems(more.hasPrefix("name") ? "description: ${gracePeriod}" : more, nil)
        #expect(found.contains { $0.contains("only a hold and the limit of an expectation may") }, "\(found)")
    }

    @Test func severalRatesAreNoRate() throws {
        let text = PlanText.minimal(
            steps: ["id: kill\nkill-node: {cluster: west, nodes: {role: worker}, how: pause}\nhold: 10s"],
            "expect: [{recovery: \"<= 100 / ${rate}\"WHEN}]"
        ).replacing(
            "to: west}]",
            with: "to: west}, {name: slow, url: \"http://echo:8080/\", from: east, to: west, rate: 10/s}]")
        #expect(throws: PlanError.self) { try Plan.parse(text.replacing("WHEN", with: ""), path: "t") }
        let plan = try Plan.parse(text.replacing("WHEN", with: ", when: {traffic: slow}"), path: "t")
        #expect(plan.cells[0].formulas.map(\.words) == ["recovery <= 10.0 s = 100 / ${rate} when traffic slow"])
    }

    // MARK: - Words that `when` asks for

    @Test func whenSelectsByMeshAndTunnels() throws {
        let more =
            "expect: [{recovery: \"<= 1s\", when: {tunnels: shared}}, {recovery: \"<= 2s\", when: {mesh: standin}}]"
        let plan = try Self.plan(more)
        let cell = plan.cells[0]
        #expect(cell.expectations.map { $0.selects(cell) } == [false, true])
        let unknown = try Self.plan(more, nil).cells[0]
        #expect(unknown.expectations.map { $0.selects(unknown) } == [false, false])
    }

    @Test func whenRefusesAWordThatNoMeshHas() {
        let found = Self.problems("expect: [{recovery: \"<= 1s\", when: {tunnels: share}}]", nil)
        #expect(found.count == 1 && found[0].contains("did you mean \"shared\"?"), "\(found)")
    }

    // MARK: - Archives

    @Test func anArchiveWithItsFactsIsJudgedByThem() throws {
        let text = PlanText.minimal(
            steps: ["id: kill\nkill-node: {cluster: west, nodes: {role: worker}, how: pause}\nhold: 10s"],
            "expect: [{recovery: \"<= ${gracePeriod} + 1s\"}]")
        func limit(_ facts: [CellFacts]?) throws -> Comparison<Duration>? {
            let plan = try Plan.archived(
                text, path: "t", options: PlanOptions(), attachments: Attachments(), facts: facts)
            return (plan.cells[0].expectations[0].claim.declared as? RecoveryClaim)?.limit
        }
        #expect(try limit([Self.facts])?.bound == .seconds(17))
        #expect(try limit(nil)?.isOpen == true)
    }

    @Test func describesAFormulaSoThatItReadsTheSame() throws {
        for text in [
            "${gracePeriod} - (1s - 500ms)", "${gracePeriod} - 1s - 500ms", "2 * (${gracePeriod} + 1s)",
            "100 / (${rate} * 2)", "max(${gracePeriod}, 2 * 3s) + 1s",
        ] {
            #expect("\(try #require(try Self.limit("<= \(text)").formula))" == text)
        }
    }
}

/// `nodes: {carrying: …}`.
struct CarryingSelectorTests {
    private static func plan(_ selector: String) throws -> Plan {
        try Plan.parse(
            PlanText.minimal(steps: ["kill-node: {cluster: west, nodes: \(selector), how: pause}"]), path: "t")
    }

    @Test func namesATraffic() throws {
        let action = try #require(try Self.plan("{carrying: echo}").cells[0].steps[0].body.action)
        #expect(action.nodeTargets == .select(cluster: "west", NodeSelector(carrying: "echo")))
    }

    @Test func refusesATrafficThatThereIsNot() {
        #expect { try Self.plan("{carrying: ech}") } throws: { "\($0)".contains("did you mean \"echo\"?") }
    }

    @Test func refusesATrafficThatGoesElsewhere() {
        let text = PlanText.minimal(steps: ["kill-node: {cluster: east, nodes: {carrying: echo}, how: pause}"])
        #expect { try Plan.parse(text, path: "t") } throws: {
            "\($0)".contains("goes to west, whose gateways carry it, and not to east")
        }
    }

    @Test func itsWidestSelectionIsEveryGatewaysNode() {
        #expect(NodeSelector(carrying: "echo").widest == NodeSelector(hosting: .gateway))
        let own = NodeSelector(role: "worker", hosting: .istiod, carrying: "echo", count: 1)
        #expect(own.widest == NodeSelector(role: "worker", hosting: .istiod))
    }
}

/// `nodes: {dialled: …}`.
struct DialledSelectorTests {
    private static func plan(_ selector: String, of cluster: String = "west") throws -> Plan {
        try Plan.parse(
            PlanText.minimal(steps: ["kill-node: {cluster: \(cluster), nodes: \(selector), how: pause}"]), path: "t")
    }

    @Test func isTrueOrFalse() throws {
        for (text, dialled) in [("true", true), ("false", false)] {
            let plan = try Self.plan("{hosting: gateway, dialled: \(text), count: 1}")
            let action = try #require(plan.cells[0].steps[0].body.action)
            #expect(
                action.nodeTargets
                    == .select(cluster: "west", NodeSelector(hosting: .gateway, dialled: dialled, count: 1)))
        }
        #expect { try Self.plan("{dialled: echo}") } throws: { "\($0)".contains("dialled: ") }
    }

    @Test func needsATrafficToTheCluster() {
        #expect { try Self.plan("{dialled: true}", of: "east") } throws: {
            "\($0)".contains("dialled: no traffic goes to east, so no client dials its nodes")
        }
    }

    @Test func itsWidestSelectionIsEveryGatewaysNodeWhereItAsksForDialledOnes() {
        #expect(NodeSelector(dialled: true).widest == NodeSelector(hosting: .gateway))
        #expect(NodeSelector(hosting: .gateway, dialled: false, count: 1).widest == NodeSelector(hosting: .gateway))
        #expect(NodeSelector(role: "worker", dialled: false).widest == NodeSelector(role: "worker"))
    }
}

extension Step.Body {
    fileprivate var action: Action? { if case .action(let action) = self { action } else { nil } }
}
