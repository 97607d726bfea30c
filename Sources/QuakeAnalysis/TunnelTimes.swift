package import QuakeTimeline

/// What a fault of a node showed of requests over fresh connections, to compare one mesh with another; seconds from the fault where
/// nothing else is said. The measures are those of the table of tunnels in `docs/fidelity.md`.
package struct TunnelTimes: Sendable, Equatable {
    package var trial: Int
    package var step: String
    /// How long the fault lasted.
    package var length: Double
    /// When the first failure was seen.
    package var firstFailure: Double?
    /// When most failed within 0.06 s, where more than one did.
    package var massReset: Double?
    /// How many failed then.
    package var massCount = 0
    /// How many failed of those that were sent during the fault.
    package var failed = 0
    /// How many failed of those that were sent after the fault and before the next one.
    package var failedAfter = 0
    /// The first answer after the fault, in seconds after its end.
    package var firstSuccess: Double?
    /// The longest of those that were sent during the fault, whether or not they failed, in seconds.
    package var longestHang = 0.0

    package init(trial: Int, step: String, length: Double) {
        self.trial = trial
        self.step = step
        self.length = length
    }

    /// Of each trial's faults of nodes that ended before the trial did, in their order. An answer that came late is an answer here;
    /// what the prober itself did not send is left out.
    package static func table(_ timeline: some Timeline, findings: Findings) throws -> [TunnelTimes] {
        var rows: [TunnelTimes] = []
        for trial in findings.trials {
            guard let lane = trial.lanes.first(where: { $0.lane.role == .probe && $0.lane.mode == .new })?.lane else {
                continue
            }
            let faults = trial.faults.filter { !$0.isHealing }
            for (index, fault) in faults.enumerated() {
                let next = index + 1 < faults.count ? faults[index + 1].at : trial.end
                guard let end = end(of: fault, before: next, in: trial, timeline.events) else { continue }
                var row = TunnelTimes(
                    trial: trial.index, step: fault.fault.step, length: (end - fault.at).seconds)
                var ends: [Double] = []
                try timeline.forEachSample(of: lane.id) { sample in
                    guard sample.sent < next, sample.done >= fault.at, !sample.outcome.isClientFailure else { return }
                    row.add(sample, from: fault.at, to: end, &ends)
                }
                ends.sort()
                row.firstFailure = ends.first
                let mass = densest(ends, within: 0.06)
                if mass.count > 1 { (row.massReset, row.massCount) = (mass.first, mass.count) }
                rows.append(row)
            }
        }
        return rows
    }

    private mutating func add(_ sample: Sample, from start: RunInstant, to end: RunInstant, _ ends: inout [Double]) {
        let isGood = sample.outcome == .ok || sample.outcome == .late
        let isDuring = sample.sent >= start && sample.sent < end
        if !isGood {
            ends.append((sample.done - start).seconds)
            if isDuring { failed += 1 }
            if sample.sent >= end { failedAfter += 1 }
        } else if sample.done > end {
            let after = (sample.done - end).seconds
            firstSuccess = firstSuccess.map { min($0, after) } ?? after
        }
        if isDuring { longestHang = max(longestHang, (sample.done - sample.sent).seconds) }
    }

    /// When what took a node away was undone: by the next step that mends something, where one comes before the next fault, else by
    /// the fault's own step, at its end.
    private static func end(
        of fault: FaultFindings, before next: RunInstant, in trial: TrialFindings, _ events: [Event]
    ) -> RunInstant? {
        if let mended = trial.faults.first(where: { $0.isHealing && $0.at > fault.at && $0.at < next }) {
            return mended.at
        }
        return events.first { event in
            guard event.trial == trial.index, case .stepFinished(fault.fault.step, .finished, _) = event.what else {
                return false
            }
            return true
        }?.at
    }

    /// The first of the longest runs of moments that lie within `width` of their first.
    ///
    /// - Parameter moments: in their order.
    package static func densest(_ moments: [Double], within width: Double) -> ArraySlice<Double> {
        var best = moments[..<0]
        var end = 0
        for start in moments.indices {
            while end < moments.count, moments[end] < moments[start] + width { end += 1 }
            if end - start > best.count { best = moments[start..<end] }
        }
        return best
    }
}

extension Duration {
    fileprivate var seconds: Double { self / .seconds(1) }
}
