import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Figures for monitoring")
struct MetricsTests {
    @Test(
        "come in the format that is asked for, and as Prometheus text by default",
        arguments: [
            ("", "0.0.4"), ("*/*", "0.0.4"), ("text/plain", "0.0.4"), ("text/html, */*;q=0.1", "0.0.4"),
            ("application/openmetrics-text", "1.0.0"), ("application/openmetrics-text; version=1.0.0", "1.0.0"),
            ("application/openmetrics-text;version=0.0.1", "0.0.4"),
            ("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.5", "0.0.4"),
            ("application/openmetrics-text;q=0,text/plain;q=0.1", "0.0.4"),
            // Prometheus 2.42 and 3.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "1.0.0"
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1", "1.0.0"
            ),
        ])
    func negotiation(accept: String, version: String) {
        #expect(MetricFormat.accepted(accept).contentType.contains("version=\(version)"))
    }

    @Test("name counters and facts as each format does")
    func names() {
        var counter = MetricFamily("a_seconds", .counter, unit: "seconds", help: "Of \"b\".")
        counter.add([("x", "1\n\"2\"")], 3)
        var info = MetricFamily("c", .info, help: "d")
        info.add([], 1)
        let empty = MetricFamily("e", help: "f")
        #expect(
            MetricFormat.openMetrics.text([counter, info, empty]) == #"""
                # TYPE a_seconds counter
                # UNIT a_seconds seconds
                # HELP a_seconds Of \"b\".
                a_seconds_total{x="1\n\"2\""} 3.0
                # TYPE c info
                # HELP c d
                c_info 1.0
                # EOF

                """#)
        #expect(
            MetricFormat.prometheus.text([counter, info, empty]) == #"""
                # HELP a_seconds_total Of "b".
                # TYPE a_seconds_total counter
                a_seconds_total{x="1\n\"2\""} 3.0
                # HELP c_info d
                # TYPE c_info gauge
                c_info 1.0

                """#)
    }

    @Test("of a long run grow with its plan and not with its trials")
    func bounded() throws {
        var findings = try ReportTests.findings()
        var figures = LiveFigures(findings.info)
        let usage = LiveFigures.Usage(residentBytes: 1, processorSeconds: 1)
        figures.add(findings)
        let once = figures.families([], usage).reduce(0) { $0 + $1.points.count }
        for index in 1..<100 {
            findings.trials[0].index = index
            findings.trials[0].repeatIndex = index
            figures.add(findings)
        }
        let families = figures.families([], usage)
        #expect(families.reduce(0) { $0 + $1.points.count } == once)
        let failed = families.first { $0.name == "peerquake_trials" }?.points.first { point in
            point.labels.contains { $0 == ("result", "failed") }
        }
        #expect(failed?.value == 100)
        #expect(families.first { $0.name == "peerquake_expectation_failures" }?.points.first?.value == 100)
    }
}
