package import QuakeAnalysis
import Synchronization

/// A run as formats take it: what was found, and what only pages show, which is read when it is first asked for.
package final class RunReport: Sendable {
    /// What takes one more reading of the archive.
    package struct Details: Sendable {
        package var chart: Chart
        package var latencies: [PhaseLatency]
        package var evidence: [EvidenceText]

        package init(chart: Chart, latencies: [PhaseLatency], evidence: [EvidenceText]) {
            self.chart = chart
            self.latencies = latencies
            self.evidence = evidence
        }
    }

    package let findings: Findings
    private let read: @Sendable () throws -> Details
    private let known = Mutex<Details?>(nil)

    package init(_ findings: Findings, details: @escaping @Sendable () throws -> Details) {
        self.findings = findings
        read = details
    }

    /// - Throws: what reading the archive does.
    package func details() throws -> Details {
        if let details = known.withLock({ $0 }) { return details }
        let details = try read()
        known.withLock { $0 = details }
        return details
    }
}
