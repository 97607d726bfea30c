package import QuakeAnalysis
import QuakeTimeline

/// A command's output as the archive keeps it.
package struct EvidenceText: Sendable, Equatable {
    package var file: String
    package var about: String
    package var text: String

    package init(file: String, about: String, text: String) {
        self.file = file
        self.about = about
        self.text = text
    }
}

/// One HTML file about one run: the verdict and what each fault cost by each method, the timeline, and everything that
/// it rests on.
package struct HTMLReport {
    let findings: Findings
    let chart: Chart
    let latencies: [PhaseLatency]
    let evidence: [EvidenceText]

    package init(_ findings: Findings, chart: Chart, latencies: [PhaseLatency], evidence: [EvidenceText]) {
        self.findings = findings
        self.chart = chart
        self.latencies = latencies
        self.evidence = evidence
    }

    /// The whole file.
    package func text() -> String {
        let figure = TimelineFigure(chart, originUnixNanoseconds: findings.info.originUnixNanoseconds)
        let sections: [Page.Section?] = [
            Page.Section("verdict", "Verdict", verdict()),
            chart.strips.isEmpty && chart.rows.isEmpty ? nil : Page.Section("timeline", "Timeline", figure.markup),
            section("recovery", "Recovery of each fault", breakdowns()),
            section("propagation", "How soon changes were known", propagation()),
            section("dials", "Failed dials", dials()),
            section("proxies", "What the mesh’s proxies ended", proxyFailures()),
            section("latency", "Latency around each fault", latency()),
            section("errors", "Errors by class", errors()),
            section("expectations", "Expectations", expectations()),
            section("moments", "Moments", moments()),
            section("evidence", "Evidence", evidenceTexts()),
            Page.Section("environment", "Environment", environment()),
            section("plan", "Plan", plan()),
        ]
        return Page(
            title: findings.info.planName, kicker: "Peerquake run \(findings.info.id)",
            sections: sections.compactMap { $0 },
            style: Asset.timelineStyle, script: Asset.timelineScript, data: figure.data
        ).text()
    }

    private func section(_ id: String, _ title: String, _ body: Markup) -> Page.Section? {
        body.html.isEmpty ? nil : Page.Section(id, title, body)
    }

    // MARK: - Words

    /// `LoadBalancer, grace period 16s`.
    static func method(_ trial: TrialFindings) -> String {
        let labels = trial.labels.sorted { $0.key < $1.key }.filter { $0.key != "peering" }.map {
            "\($0.key) \($0.value)"
        }
        let parts = ([trial.peering] + labels).filter { !$0.isEmpty }
        return parts.isEmpty ? "–" : parts.joined(separator: ", ")
    }

    /// The method and, where there are several, the repeat.
    func title(_ trial: TrialFindings) -> String {
        let isRepeated = findings.trials.contains { $0.repeatIndex > 0 }
        return Self.method(trial) + (isRepeated ? ", repeat \(trial.repeatIndex + 1)" : "") + trial.disturbedMark
    }

    /// Where in the timeline a moment is.
    static func anchor(_ at: RunInstant) -> String { "#t=\(Figures.decimals(Double(at.nanoseconds) / 1e9, 2))" }

    /// A recovery, and `>` where it is only a lower bound.
    static func recovery(_ effect: LaneEffect) -> String {
        effect.bad == 0 && effect.recoveryRange == nil ? "–" : effect.recoveryWords
    }
}
