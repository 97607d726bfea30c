import QuakeReport
import QuakeTimeline
import Testing

@Suite("Claims")
struct ClaimsTests {
    typealias Trial = PlanEvidence.Trial

    /// A trial whose step `kill` lost this share of 1000 slots.
    static func trial(_ peering: String, _ labels: [String: String], lost: Double, suspect: Double = 0) -> Trial {
        var trial = Trial(labels: labels, peering: peering)
        trial.suspectShare = suspect
        trial.outcomes = ["kill": "finished"]
        trial.effects = [
            "kill": [
                "new": PlanEvidence.Effect(
                    slots: 1_000, bad: Int(lost * 1_000), blackoutMillis: lost * 10_000, recoveryMillis: lost * 20_000),
                "pooled": PlanEvidence.Effect(slots: 1_000, bad: 1_000),
            ]
        ]
        return trial
    }

    /// One replica loses everything; two lose these shares.
    static func evidence(loadBalancer: Double, nodePort: Double, suspect: Double = 0) -> PlanEvidence {
        PlanEvidence(
            run: "r",
            trials: [
                trial("LoadBalancer", ["replicas": "1"], lost: 1),
                trial("NodePort", ["replicas": "1"], lost: 1),
                trial("LoadBalancer", ["replicas": "2"], lost: loadBalancer, suspect: suspect),
                trial("NodePort", ["replicas": "2"], lost: nodePort),
            ])
    }

    static let measurement = ClaimMeasurement(
        "practices/made",
        [
            ClaimFigure("one", .lost("kill"), ["replicas": "1"]), ClaimFigure("two", .lost("kill"), ["replicas": "#1"]),
        ], [.below("two", "one", times: 0.9)],
        [.confirmed: "As it should.", .depends: "Not always.", .refuted: "The page is wrong."])

    static let verdicts: [(loadBalancer: Double, nodePort: Double, suspect: Double, verdict: ClaimVerdict)] = [
        (0.4, 0.6, 0, .confirmed), (0.95, 1, 0, .refuted), (0.4, 1, 0, .depends), (0.4, 0.6, 0.1, .confirmed),
        (0.4, 0.6, 0.16, .inconclusive),
    ]

    @Test("are judged by every method's figures", arguments: verdicts)
    func verdict(loadBalancer: Double, nodePort: Double, suspect: Double, verdict: ClaimVerdict) {
        let evidence = Self.evidence(loadBalancer: loadBalancer, nodePort: nodePort, suspect: suspect)
        #expect(ClaimJudge(evidence).verdict(Self.measurement) == verdict)
    }

    @Test("have figures of fresh connections, summed and worst over trials and faults")
    func figures() {
        var first = Self.trial("NodePort", [:], lost: 0.2)
        first.notReady = 1
        first.detectionMillis = ["kill": 4_250]
        first.dials = ["kill": ["a": 3, "b": 1]]
        first.landed = ["kill": PlanEvidence.Landed(there: 1, elsewhere: 2)]
        var second = Self.trial("NodePort", [:], lost: 0.4)
        second.effects["kill"]?["new"]?.isCensored = true
        second.outcomes = ["kill": "blocked"]
        second.landed = ["kill": PlanEvidence.Landed(there: 1, elsewhere: 0)]
        let judge = ClaimJudge(PlanEvidence(run: "r", trials: [first, second]))
        func value(_ quantity: ClaimQuantity) -> ClaimJudge.Value? {
            judge.value(ClaimFigure("f", quantity), via: "NodePort")
        }
        #expect(value(.lost("kill")) == .share(0.3))
        #expect(value(.lost("ki*")) == .share(0.3))
        #expect(value(.blackout("kill")) == .time(4, isCensored: false))
        #expect(value(.recovery("kill")) == .time(8, isCensored: true))
        #expect(value(.notReady) == .count(1))
        #expect(value(.detected("kill")) == .time(4.25, isCensored: false))
        #expect(value(.outcome("kill")) == .word("blocked, finished"))
        #expect(value(.dials(to: "a", step: "kill")) == .share(0.75))
        #expect(value(.elsewhere("kill")) == .share(0.5))
        #expect(value(.lost("start")) == nil)
        #expect(value(.elsewhere("start")) == nil)
        #expect(judge.value(ClaimFigure("f", .notReady), via: "LoadBalancer") == nil)
    }

    @Test("are read from a run's record")
    func fromRecord() throws {
        let timeline = try ReportTests.timeline()
        let evidence = try PlanEvidence(try ReportTests.findings(), timeline)
        let trial = try #require(evidence.trials.first)
        #expect(evidence.trials.count == 1)
        #expect(trial.peering == "NodePort")
        #expect(trial.notReady == 1)
        #expect(trial.detectionMillis["kill"].map { abs($0 - 1_900) < 1 } == true)
        // Half of the slots of two seconds, of the six seconds after the fault.
        #expect(trial.effects["kill"]?["new"]?.bad == 50)
        #expect(trial.effects["kill"]?["new"]?.slots == 300)
        #expect(trial.dials == ["kill": ["west-worker": 1]])
        // It ended nowhere.
        #expect(trial.landed.isEmpty)
    }

    static func page(embedded: PlanEvidence?, kind: PlanEvidence? = nil, _ claims: [Claim]) -> ClaimsPage {
        ClaimsPage(
            [BestPractices.Section(title: "Made", claims: claims)],
            embedded: ClaimsPage.Results(
                environment: "embedded", runs: embedded.map { ["practices/made": $0] } ?? [:],
                commands: ["practices/made": "peerquake run Plans/practices/made.yaml"]),
            kind: ClaimsPage.Results(environment: "kind", runs: kind.map { ["practices/made": $0] } ?? [:]))
    }

    @Test("make a row each, with figures, verdict and commands")
    func rows() {
        let claims = [
            Claim("Two are better.", rules: ["gateway-single-replica"], .measured([Self.measurement])),
            Claim("It is said so.", .untestable("no statement")),
        ]
        let text = Self.page(embedded: Self.evidence(loadBalancer: 0.4, nodePort: 1), claims).text()
        let row =
            "| Two are better. | `gateway-single-replica` | – | [made](#made) | one: 100.0 % / 100.0 %; two: 40.0 % / "
        #expect(text.contains(row + "100.0 % | not run | depends. Not always. |"))
        #expect(text.contains("| It is said so. | – | – | – | – | – | not testable: no statement |"))
        #expect(text.contains("2 sentences: 1 depends, 1 not testable."))
        #expect(text.contains("\n    peerquake run Plans/practices/made.yaml\n"))
        #expect(text.contains("On kind: not run."))
    }

    @Test("name no verdict where nothing was run, and weigh both environments where both were")
    func environments() {
        let claim = Claim("Two are better.", .measured([Self.measurement]))
        let good = Self.evidence(loadBalancer: 0.4, nodePort: 0.6)
        let bad = Self.evidence(loadBalancer: 1, nodePort: 1)
        #expect(Self.page(embedded: nil, [claim]).verdict(of: claim) == .notRun)
        #expect(Self.page(embedded: nil, kind: good, [claim]).verdict(of: claim) == .confirmed)
        #expect(Self.page(embedded: good, kind: bad, [claim]).verdict(of: claim) == .depends)
        #expect(Self.page(embedded: bad, [claim]).text().contains("**refuted**. The page is wrong."))
        let other = ClaimMeasurement("practices/other", Self.measurement.figures, Self.measurement.checks)
        let both = Claim("Both.", .measured([Self.measurement, other]))
        #expect(Self.page(embedded: good, [both]).verdict(of: both) == .notRun)
    }
}
