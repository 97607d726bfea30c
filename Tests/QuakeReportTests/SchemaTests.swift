import Foundation
import QuakeAnalysis
import QuakeAudit
import QuakeKube
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

/// What is written for machines, and what their schemas say of it.
@Suite("Schemas of outputs")
struct SchemaTests {
    private static func parsed(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    // MARK: - A run

    /// Every figure that can be absent is there, on a stream lane with suspect slots and a fault whose moment is vague.
    private static func richRun() throws -> Findings {
        let injected = Interval(
            start: RunInstant(nanoseconds: 3_400_000_000), end: RunInstant(nanoseconds: 4_000_000_000))
        var (_, findings) = try RangeTests.findings(injection: injected)
        findings.troubles = [
            .init(exit: .failed, words: "of the run"), .init(exit: .faultNotInjected, trial: 0, words: "of a trial"),
        ]
        findings.trials[0].labels = ["peering": "NodePort"]
        findings.trials[0].hypotheses = [HypothesisResult(moment: .before, held: true, detail: "100 % good")]
        findings.trials[0].faults[0].effects[0].messagesLost = 3
        findings.trials[0].disturbances = [
            Disturbance(cluster: "west", node: "w1", change: .deleted, at: injected.start, returned: injected.end),
            Disturbance(cluster: "west", node: "w2", change: .tainted, taints: ["a=b:NoSchedule"], at: injected.end),
        ]
        findings.trials[0].propagation = [
            PropagationFindings(
                step: "target", change: .target, direction: .added, view: .targets(client: "east"), cluster: "west",
                values: [.init(nanoseconds: 1_000_000), .init(nanoseconds: 8_000_000_000, isCensored: true)])
        ]
        // A blackout by one reading of the suspect slots, and none by the other.
        var readings = findings.trials[0].faults[0].effects[0].bothReadings
        readings.worst.blackoutNanoseconds = readings.best.blackoutNanoseconds + 2_000_000_000
        findings.trials[0].faults[0].effects[0].readings = readings
        findings.trials[0].faults[0].carried = CarriedTraffic(isNewest: true, tunnels: 3, through: 2)
        var parallel = findings.trials[0].faults[0]
        parallel.fault.id = "at-once"
        findings.trials[0].faults.append(parallel)
        findings.info.given = [GivenOption(name: "mesh", value: "istio", origin: "peerquake.yaml:3:7")]
        return findings
    }

    /// A fault that nothing noticed, on a lane without an answer.
    private static func poorRun() throws -> Findings {
        var findings = try ReportTests.findings()
        findings.trials[0].faults[0].breakdown.detection = nil
        findings.trials[0].faults[0].effects[0].bad = 0
        findings.trials[0].faults[0].effects[0].onsetNanoseconds = nil
        findings.trials[0].faults[0].effects[0].latency = Histogram()
        return findings
    }

    @Test("of a run name each key that its summary can hold, and no other")
    func summary() throws {
        var filled = FilledProperties()
        var walk = SchemaWalk(try Self.parsed(SummarySchema.json))
        for findings in [try Self.richRun(), try Self.poorRun()] {
            let summary = SummaryJSON(findings)
            filled.add(summary)
            walk.add(try Self.parsed(summary.text()))
        }
        #expect(filled.empty == [], "the richest run lacks these")
        #expect(walk.differences == [])
    }

    // MARK: - A comparison

    private static func comparisons() -> [RunComparison] {
        var rich = ComparisonReportTests.comparison()
        rich.unmatched[0].hint = "another version there"
        rich.unmatched[0].across = ["versions"]
        rich.isWithin = true
        rich.keys[0].across = [
            Across.Values(name: "grace", baseline: "4s", candidate: nil),
            Across.Values(name: "peering", baseline: nil, candidate: "NodePort"),
        ]
        rich.differences[0].baseline = ["4s"]
        rich.baseline.leftOut = [LeftOut(run: "r", repeatIndex: nil, what: "the run", why: "it was cut off")]
        var poor = rich
        let (key, measure) = (poor.keys.count - 1, poor.keys[poor.keys.count - 1].measures.count - 1)
        poor.keys[key].measures[measure].baseline = nil
        poor.keys[key].measures[measure].candidate = nil
        poor.keys[key].measures[measure].difference = nil
        poor.keys[key].measures[measure].differenceLow = nil
        poor.keys[key].measures[measure].differenceHigh = nil
        poor.keys[key].measures[measure].effectSize = nil
        poor.unmatched[0].hint = nil
        poor.unmatched[0].across = []
        poor.isWithin = false
        poor.keys[0].across = []
        return [rich, poor]
    }

    @Test("of a comparison name each key that it can hold, and no other")
    func comparison() throws {
        var filled = FilledProperties()
        var walk = SchemaWalk(try Self.parsed(ComparisonSchema.json))
        for comparison in Self.comparisons() {
            let json = ComparisonJSON(comparison)
            filled.add(json)
            walk.add(try Self.parsed(json.text()))
        }
        #expect(filled.empty == [], "the richest comparison lacks these")
        #expect(walk.differences == [])
    }

    // MARK: - An audit

    /// A pair that breaks a practice, cannot be checked by a rule, and has a finding that is ignored.
    private static func audits() throws -> [AuditReport] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "QuakeAuditTests/Fixtures/standin.json")
        var snapshot = try AuditSnapshot(parsing: Array(Data(contentsOf: file)), file: "standin.json")
        snapshot.clusters[0].lists[.budgets] = .items([])
        snapshot.clusters[0].version = nil
        // Nothing that could be applied mends this.
        snapshot.clusters[0].lists[.endpointSlices] = .items([])
        if case .items(var services)? = snapshot.clusters[1].lists[.services] {
            for index in services.indices { services[index].set("Cluster", at: "spec", "externalTrafficPolicy") }
            snapshot.clusters[1].lists[.services] = .items(services)
        }
        let policies = [AuditPolicy(), AuditPolicy(ignored: ["budget-missing": "one gateway"])]
        return try policies.map { try Auditor(policy: $0).report(on: snapshot) }
    }

    @Test("of an audit name each key that it can hold, and no other")
    func audit() throws {
        var filled = FilledProperties()
        var walk = SchemaWalk(try Self.parsed(AuditSchema.json))
        for report in try Self.audits() {
            let json = AuditJSON(report)
            filled.add(json)
            walk.add(try Self.parsed(json.text()))
        }
        #expect(filled.empty == [], "the richest audit lacks these")
        #expect(walk.differences == [])
    }

    // MARK: - Closed lists

    private static func values(_ json: String, _ name: String) throws -> [String] {
        let definitions = try parsed(json)["$defs"] as? [String: [String: Any]]
        return (definitions?[name]?["enum"] as? [Any] ?? []).map { "\($0)" }
    }

    @Test("list the words and codes that the types know, and no other")
    func words() throws {
        let codes = PeerquakeExit.allCases.map { "\($0.rawValue)" }
        #expect(try Self.values(SummarySchema.json, "exitCode") == codes)
        let verdicts = RunComparison.Verdict.allCases.map(\.rawValue)
        #expect(try Self.values(ComparisonSchema.json, "verdict") == verdicts)
        #expect(try Self.values(ComparisonSchema.json, "measure") == Measure.allCases.map(\.rawValue))
    }

    // MARK: - The check itself

    @Test("that leave a key out, name one too many or call one required that is not, are found out")
    func broken() throws {
        let value = try Self.parsed(SummaryJSON(Self.richRun()).text())
        func differences(_ change: (inout [String: Any]) -> Void) throws -> [String] {
            var schema = try Self.parsed(SummarySchema.json)
            var definitions = try #require(schema["$defs"] as? [String: Any])
            var effect = try #require(definitions["effect"] as? [String: Any])
            change(&effect)
            definitions["effect"] = effect
            schema["$defs"] = definitions
            var walk = SchemaWalk(schema)
            walk.add(value)
            return walk.differences
        }
        func properties(_ effect: inout [String: Any], _ change: (inout [String: Any]) -> Void) {
            var properties = effect["properties"] as? [String: Any] ?? [:]
            change(&properties)
            effect["properties"] = properties
        }
        let lacking = try differences { properties(&$0) { $0["messagesLost"] = nil } }
        #expect(lacking.contains("#/$defs/effect: messagesLost is written and not described"))
        let extra = try differences { properties(&$0) { $0["nobody"] = ["type": "string"] } }
        #expect(extra.contains("#/$defs/effect: nothing writes nobody"))
        let strict = try differences { $0["required"] = (($0["required"] as? [String]) ?? []) + ["nobody"] }
        #expect(strict.contains("#/$defs/effect: nobody is required, and may be absent"))
    }
}
