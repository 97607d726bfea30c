import Foundation
import FoundationXML
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports")
struct ReportTests {
    /// A run made by hand: one fault, half of the slots bad for two seconds.
    static func findings() throws -> Findings {
        let position = SourcePosition(line: 9, column: 5)
        let plan = Plan(
            name: "made", clusters: ["east", "west"],
            cells: [
                Cell(
                    labels: ["peering": "NodePort"], traffic: [], steps: [], settle: .seconds(2),
                    expectations: [
                        QuakePlan.Expectation(claim: .availability(Comparison(.atLeast, 0.99)), position: position)
                    ])
            ])
        return try Analyser(timeline(), plan: plan).findings()
    }

    static func timeline() throws -> MemoryTimeline {
        func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: .new,
            url: "http://echo/", period: .milliseconds(20), origin: .origin)
        let samples = (0..<500 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(4) && due < at(6) && sequence % 2 == 0
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(isBad ? 2000 : 3),
                outcome: isBad ? .connectTimeout : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["west-worker"])
        let events = [
            Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: ["peering": "NodePort"])),
            Event(at: at(4), trial: 0, .faultInjected(fault)),
            Event(at: at(5.9), trial: 0, .nodeReady(cluster: "west", node: "west-worker", status: .unknown)),
            Event(at: at(10), trial: 0, .trialFinished),
        ]
        let dial = Dial(
            dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort, began: at(5), millis: 10_000,
            targetNode: "west-worker", targetAddress: "127.64.64.11:30000", outcome: .timeout, phase: .tcp, errno: 110)
        return MemoryTimeline(
            info: RunInfo(id: "20260131T021500Z-made-7f3a", planName: "made", facts: ["mesh": "standin"]),
            lanes: [lane], events: events, samples: [lane.id: samples], dials: [dial])
    }

    static let stalls: [(reasons: [String], words: String)] = [
        (["the host froze"], "5.00 % of slots are suspect: the host froze"),
        (["a", "b", "c", "d"], "5.00 % of slots are suspect: a; b; c; and 1 more"),
        ([], "5.00 % of slots are suspect: the prober fell behind, or its loopback control failed"),
    ]

    @Test("of a terminal say why slots are suspect", arguments: stalls)
    func suspect(reasons: [String], words: String) throws {
        var findings = try Self.findings()
        findings.trials[0].suspectShare = 0.05
        findings.trials[0].suspectReasons = reasons
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        #expect(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(words))
        let summary = try JSONSerialization.jsonObject(with: Data(SummaryJSON(findings).text().utf8))
        let trials = (summary as? [String: Any])?["trials"] as? [[String: Any]]
        #expect(trials?.first?["suspectReasons"] as? [String] == (reasons.isEmpty ? nil : reasons))
    }

    @Test("of a terminal say the verdict first and fit 80 columns")
    func terminal() throws {
        let text = TerminalReport(try Self.findings(), directory: "runs/made", color: false).text()
        #expect(text.hasPrefix("FAIL  made: 0 of 1 expectations held"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains("\u{1B}"))
        try compare(text, with: "terminal.txt")
    }

    @Test("tell what the mesh's proxies ended with an error, and nothing of them where they tell nothing")
    func proxies() throws {
        var findings = try Self.findings()
        let title = "connections that the mesh's proxies ended with an error"
        #expect(!TerminalReport(findings, directory: "runs/made", color: false).text().contains(title))
        let group = ProxyFailureGroup(
            cluster: "east", hop: .outerConnect, target: "172.23.0.3:30542",
            error: "io error: Connection refused (os error 111)", count: 1143, longestMillis: 46_280,
            lanes: ["echo/new": 1000, "echo/pooled": 143])
        findings.trials[0].proxyFailures = [group]
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("\(title) (1143)"), "\(words)")
        #expect(
            words.contains(
                "outer connect, 1143 times to 172.23.0.3:30542, at most 46.28 s (echo/new 1000, echo/pooled 143): io error: "
                    + "Connection refused (os error 111)"), "\(words)")
        // Of a long run all trials are told of together.
        findings.trials = (0..<4).map { index in
            var trial = findings.trials[0]
            (trial.index, trial.repeatIndex) = (index, index)
            return trial
        }
        let repeated = TerminalReport(findings, directory: "runs/made", color: false).text()
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(repeated.contains("(4572)") && repeated.contains("echo/new 4000, echo/pooled 572"), "\(repeated)")
    }

    @Test("tell how many messages each fault cost a stream, and have no column for that where there is no stream")
    func messages() throws {
        var findings = try Self.findings()
        #expect(!TerminalReport(findings, directory: "runs/made", color: false).text().contains("msgs"))
        #expect(try !SummaryJSON(findings).text().contains("messagesLost"))
        findings.trials[0].lanes[0].lane.mode = .stream
        findings.trials[0].faults[0].effects[0].label = "echo/stream"
        findings.trials[0].faults[0].effects[0].messagesLost = 1234
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        let lines = text.split(separator: "\n")
        let head = try #require(lines.first { $0.hasPrefix("  fault") })
        let row = try #require(lines.first { $0.hasPrefix("  kill") })
        #expect(head.hasSuffix("msgs"))
        #expect(row.hasSuffix(" 1234"))
        #expect(head.count == row.count)
        #expect(text.contains("  msgs: messages lost with a stream's connection"))
        for line in lines { #expect(line.count <= 80, "\(line)") }
        #expect(MarkdownReport(findings).text().contains("| messages lost |"))
        #expect(try SummaryJSON(findings).text().contains("\"messagesLost\" : 1234"))

        findings.trials = (0..<20).map { index in
            var trial = findings.trials[0]
            trial.index = index
            trial.repeatIndex = index
            trial.faults[0].effects[0].messagesLost = index
            return trial
        }
        let repeated = TerminalReport(findings, directory: "runs/made", color: false).text().split(separator: "\n")
        // The tenth of twenty.
        #expect(repeated.first { $0.hasPrefix("  kill") }?.hasSuffix(" 9") == true)
        for line in repeated { #expect(line.count <= 80, "\(line)") }
    }

    @Test("for machines carry units in their keys")
    func summary() throws {
        try compare(try SummaryJSON(Self.findings()).text(), with: "summary.json")
    }

    /// With what XML and Markdown must not take for their own, and one of every verdict.
    static func awkward() throws -> Findings {
        var findings = try findings()
        findings.troubles = [.init(exit: .faultNotInjected, trial: 0, words: "a <node> & a | \u{1} \"bar\"")]
        for (index, result) in [ExpectationVerdict.Result.pass, .inconclusive, .notApplicable].enumerated() {
            findings.verdicts.append(
                ExpectationVerdict(
                    claim: "loss < \(index) s", line: 10 + index, result: result, worst: "1 | 2", selected: 1))
        }
        findings.cells[0].verdicts = findings.verdicts
        findings.trials[0].hypotheses = [
            HypothesisResult(moment: .before, held: true, detail: "echo/new: 100.0 % good"),
            HypothesisResult(moment: .after, held: false, detail: "echo/new: 50.0 % good"),
        ]
        return findings
    }

    @Test("for CI systems are JUnit XML: failed, in error, skipped and passed are distinct")
    func junit() throws {
        let text = JUnitReport(try Self.awkward()).text()
        let parser = XMLParser(data: Data(text.utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
        #expect(text.contains("tests=\"8\" failures=\"2\" errors=\"2\""))
        #expect(text.contains("<skipped message=\"it is about other cells\"/>"))
        try compare(text, with: "junit.xml")
    }

    @Test("for pull requests are Markdown whose tables stay whole")
    func markdown() throws {
        let text = MarkdownReport(try Self.awkward()).text()
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        for row in rows {
            let bars = row.replacing("\\|", with: "").count { $0 == "|" }
            #expect(bars == 9 || bars == 4, "\(row)")
        }
        try compare(text, with: "report.md")
    }

    @Test("for monitoring are OpenMetrics: one family after another, units at the names' ends, EOF last")
    func openMetrics() throws {
        let text = OpenMetricsReport(try Self.awkward()).text()
        #expect(text.hasSuffix("# EOF\n"))
        var (family, seen) = ("", Set<String>())
        for line in text.split(separator: "\n").dropLast() {
            let words = line.split(separator: " ")
            if words[0] == "#" {
                if words[1] == "TYPE" {
                    family = String(words[2])
                    #expect(seen.insert(family).inserted)
                }
                #expect(words[2] == family)
                if words[1] == "UNIT" { #expect(family.hasSuffix("_\(words[3])")) }
            } else {
                #expect(line.hasPrefix(family + "{"))
                #expect(Double(words.last ?? "") != nil)
            }
        }
        try compare(text, with: "metrics.txt")
    }

    @Test("export as CSV and NDJSON, row for row the same", arguments: Export.Series.allCases)
    func export(series: Export.Series) throws {
        let (timeline, findings) = (try Self.timeline(), try Self.findings())
        var csv: [String] = []
        var json: [String] = []
        try Export(series, as: .csv) { csv.append($0) }.run(timeline, findings: findings)
        try Export(series, as: .ndjson) { json.append($0) }.run(timeline, findings: findings)
        let expected: [Export.Series: Int] = [
            .samples: 500, .dials: 1, .events: 4, .outages: findings.trials[0].lanes[0].outages.count,
        ]
        #expect(csv.count == (expected[series] ?? 0) + 1)
        #expect(json.count == expected[series])
        for line in json {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            let names = try #require(object).keys
            #expect(Set(names).isSubset(of: Set(Export(series, as: .csv) { _ in }.columns)))
        }
    }

    @Test("quote what CSV would take for its own")
    func quoting() throws {
        var csv: [String] = []
        try Export(.events, as: .csv) { csv.append($0) }.run(try Self.timeline(), findings: try Self.findings())
        let row = try #require(csv.first { $0.contains("faultInjected") })
        #expect(row.contains("\"{\"\"faultInjected\"\""))
    }
}
