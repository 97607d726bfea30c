import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

/// Verdicts about limits that are formulas.
struct FormulaVerdictTests {
    private static func verdicts(_ facts: [CellFacts]?) throws -> [ExpectationVerdict] {
        let text = """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: t
            clusters: [east, west]
            matrix: {nodeMonitorGracePeriod: [16s, 40s]}
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps:
              - {id: kill, kill-node: {cluster: west, nodes: {role: worker}, how: pause}, hold: 1m}
            expect:
              - {recovery: "<= ${gracePeriod} + 1s"}
              - {recovery: "<= 1s", when: {tunnels: shared}}
            """
        let plan = try Plan.archived(
            text, path: "t.yaml", options: PlanOptions(), attachments: Attachments(), facts: facts)
        let info = RunInfo(id: "r", planName: "t", cellFacts: facts)
        return try Analyser(MemoryTimeline(info: info), plan: plan).findings().verdicts
    }

    @Test func namesTheLimitsOfAllCellsAndTheFormula() throws {
        let facts = [16, 40].map { CellFacts([.gracePeriod: .seconds($0)], words: [.tunnels: "single"]) }
        let verdicts = try Self.verdicts(facts)
        #expect(verdicts[0].claim == "recovery <= 17.0 s, 41.0 s = ${gracePeriod} + 1s")
        #expect(verdicts[0].worst == "nothing was measured")
        #expect(verdicts[1].result == .notApplicable)
    }

    @Test func isInconclusiveWhereTheFactsAreNotKept() throws {
        let verdict = try Self.verdicts(nil)[0]
        #expect(verdict.result == .inconclusive && verdict.claim == "recovery <= ${gracePeriod} + 1s")
        #expect(verdict.worst.contains("its limit is not known"))
    }
}
