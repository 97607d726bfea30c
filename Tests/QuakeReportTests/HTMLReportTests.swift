import Foundation
import FoundationXML
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

@Suite("HTML reports")
struct HTMLReportTests {
    private static func page(
        _ timeline: MemoryTimeline, _ findings: Findings, evidence: [EvidenceText] = []
    ) throws -> String {
        let (chart, latencies) = try ChartBuilder(timeline, findings: findings).build()
        return HTMLReport(findings, chart: chart, latencies: latencies, evidence: evidence).text()
    }

    private static func drawn() throws -> (MemoryTimeline, Findings) {
        var timeline = try ReportTests.timeline()
        func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
        func endpoint(_ ready: Bool) -> Event.What {
            .endpoint(
                cluster: "west", service: "istio-eastwest",
                EndpointState(pod: "gw-1", node: "west-worker", ready: ready, serving: ready, terminating: false))
        }
        timeline.events += [
            Event(at: at(0), .nodeReady(cluster: "west", node: "west-worker", status: .ready)),
            Event(at: at(0), endpoint(true)),
            Event(at: at(6), trial: 0, endpoint(false)),
            Event(at: at(0), .targetSet(cluster: "east", peer: "west", addresses: ["west-worker=127.0.0.1:30000"])),
            Event(at: at(6.2), trial: 0, .targetSet(cluster: "east", peer: "west", addresses: [])),
            Event(at: at(0), .loadBalancerHealth(cluster: "west", node: "west-worker", healthy: true)),
            Event(
                at: at(0),
                .pod(
                    cluster: "west", namespace: "istio-eastwest", name: "gw-1", node: "west-worker", phase: "Running",
                    ready: true)),
        ]
        timeline.events.sort { $0.at < $1.at }
        return (timeline, try ReportTests.findings())
    }

    @Test("say the verdict first, then draw a row for everything that was recorded")
    func rows() throws {
        let (timeline, findings) = try Self.drawn()
        let text = try Self.page(timeline, findings)
        let verdict = try #require(text.range(of: "<strong>Failed.</strong> 0 of 1 expectations held"))
        let timelineAt = try #require(text.range(of: "id=\"timeline\""))
        #expect(verdict.lowerBound < timelineAt.lowerBound)
        for group in [
            "Faults", "Lanes by NodePort", "Nodes", "Gateway pods, by node", "Ready endpoints",
            "Balancer&#39;s target set", "Load balancer&#39;s health checks",
        ] {
            #expect(text.contains("<h3>\(group)</h3>"), "\(group)")
        }
        for section in ["recovery", "dials", "latency", "errors", "expectations", "moments", "environment"] {
            #expect(text.contains("<section id=\"\(section)\""), "\(section)")
        }
        #expect(text.contains("ETIMEDOUT"))
        #expect(text.contains("href=\"#t=4.00\""))
    }

    @Test("take no text from a run for markup")
    func hostile() throws {
        let hostile = "</script><script>alert(1)</script>\"'&<img src=x onerror=alert(2)>\u{1}"
        var (timeline, findings) = try Self.drawn()
        timeline.events.append(
            Event(
                at: RunInstant(nanoseconds: 7_000_000_000), .nodeReady(cluster: hostile, node: hostile, status: .ready))
        )
        findings.info.planName = hostile
        findings.info.planSource = "name: \(hostile)"
        findings.info.facts[hostile] = hostile
        findings.troubles = [.init(exit: .failed, words: hostile)]
        findings.notes = [hostile]
        findings.trials[0].labels["peering"] = hostile
        findings.trials[0].peering = hostile
        findings.trials[0].lanes[0].texts["connect-timeout"] = [hostile]
        findings.trials[0].faults[0].fault.id = hostile
        findings.trials[0].faults[0].fault.targets = [hostile]
        findings.verdicts[0].claim = hostile
        let text = try Self.page(
            timeline, findings, evidence: [EvidenceText(file: hostile, about: hostile, text: hostile)])
        #expect(!text.contains("<img"))
        #expect(!text.contains("<script>alert"))
        #expect(!text.contains("\u{1}"))
        // The page's own two: the data and the script.
        #expect(text.components(separatedBy: "</script>").count == 3)
    }

    @Test("ask for nothing from the network and carry their data as JSON")
    func selfContained() throws {
        let (timeline, findings) = try Self.drawn()
        let text = try Self.page(timeline, findings)
        for reference in ["src=", "@import", "url(", "<link rel=\"stylesheet\"", "fetch(", "XMLHttpRequest"] {
            #expect(!text.contains(reference), "\(reference)")
        }
        let start = try #require(text.range(of: "id=\"data\">")?.upperBound)
        let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)?.lowerBound)
        let json = try JSONSerialization.jsonObject(with: Data(text[start..<end].utf8)) as? [String: Any]
        #expect((json?["strips"] as? [Any])?.count == 1)
        #expect((json?["faults"] as? [Any])?.count == 1)
    }

    @Test("stay small however bad a long run was")
    func bounded() throws {
        var (timeline, _) = try Self.drawn()
        let lane = timeline.lanes[0]
        // Half an hour, every seventh slot bad: nothing that could be joined.
        timeline.samples[lane.id] = (0..<90_000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(3),
                outcome: sequence % 7 == 0 ? .reset : .ok)
        }
        timeline.events.removeAll { if case .trialFinished = $0.what { true } else { false } }
        timeline.events += (0..<4000).map { index in
            Event(
                at: RunInstant(nanoseconds: Int64(index) * 450_000_000),
                .nodeReady(
                    cluster: "west", node: "west-worker-\(index % 300)", status: index % 600 < 300 ? .ready : .unknown))
        }
        timeline.events.append(Event(at: RunInstant(nanoseconds: 1_800_000_000_000), trial: 0, .trialFinished))
        timeline.events.sort { $0.at < $1.at }
        let findings = try Analyser(timeline, plan: Plan(name: "made", clusters: [], cells: [])).findings()
        let text = try Self.page(timeline, findings)
        #expect(text.utf8.count < 2_000_000)
        #expect(text.contains("rows that changed least are left out"))
    }

    @Test("can be made of a run that recorded nothing")
    func empty() throws {
        let timeline = MemoryTimeline(info: RunInfo(id: "x", planName: "made"))
        let findings = try Analyser(timeline, plan: Plan(name: "made", clusters: [], cells: [])).findings()
        #expect(try Self.page(timeline, findings).contains("No fault was injected."))
    }

    @Test("are made of parts whose tags are closed")
    func parts() throws {
        var table = HTMLTable("a & b", [.init("x"), .init("y", isNumber: true)])
        table.add(heading: .text("<group>"))
        table.add([.text("<1>"), .link("2", to: "#\"3")])
        let whole =
            Banner(.bad, word: "Worse.", sentence: "<b>", details: ["&"]).markup + table.markup
            + Sparkline([1, nil, 3], label: "\"loss\"", bad: [2]).markup + Fold.markup("s", Fold.verbatim("</pre>"))
        let parser = XMLParser(data: Data("<div>\(whole.html)</div>".utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    }
}
