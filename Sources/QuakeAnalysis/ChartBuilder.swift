import QuakePlan
package import QuakeTimeline

/// Draws a run's chart from its record: one more reading of its samples, in memory that does not grow with them.
package struct ChartBuilder {
    /// Segments of all strips together at most.
    private static let segments = 24_000
    /// Quiet stretches may be joined up to this part of the whole.
    private static let parts = 1200

    private let timeline: any Timeline
    private let findings: Findings

    package init(_ timeline: any Timeline, findings: Findings) {
        self.timeline = timeline
        self.findings = findings
    }

    /// The chart, and the latencies around each fault in the order of the findings.
    package func build() throws -> (chart: Chart, latencies: [PhaseLatency]) {
        var chart = Chart(span: span)
        for trial in findings.trials {
            for fault in trial.faults {
                chart.faults.append(
                    ChartFault(
                        id: fault.fault.id,
                        words: "\(fault.fault.action) of \(fault.fault.targets.joined(separator: ", "))",
                        window: fault.window, isHealing: fault.isHealing, trial: trial.index))
            }
        }
        (chart.rows, chart.omittedRows) = StateRows(timeline.events).rows(in: chart.span, parts: Self.parts)
        let moments = ChartMoments(findings: findings, events: timeline.events, rows: chart.rows)
        (chart.moments, chart.omittedMoments) = moments.moments()
        var latencies: [PhaseLatency] = []
        for trial in findings.trials {
            let span = chart.span
            let read = try concurrentMap(trial.lanes) { try self.read($0, of: trial, in: span) }
            for (lane, (segments, phases)) in zip(trial.lanes, read) {
                latencies += phases
                append(segments, of: lane.lane, to: &chart)
            }
        }
        chart.strips.sort { ($0.isControl ? 1 : 0, $0.peering, $0.name) < ($1.isControl ? 1 : 0, $1.peering, $1.name) }
        return (chart, latencies)
    }

    private var span: Interval {
        let start = findings.trials.map(\.start).min() ?? timeline.events.first?.at ?? .origin
        let end = findings.trials.map(\.end).max() ?? timeline.events.last?.at ?? .origin
        return Interval(start: start, end: max(end, start + .milliseconds(1)))
    }

    private func read(
        _ lane: LaneFindings, of trial: TrialFindings, in all: Interval
    ) throws -> (segments: [Strip.Segment], latencies: [PhaseLatency]) {
        let span = Interval(start: trial.start, end: max(trial.end, trial.start + .milliseconds(1)))
        let whole = all.length.inNanoseconds
        var builder = StripBuilder(
            lane.lane, span: span, coarse: whole / Int64(Self.parts),
            blackouts: lane.outages.filter(\.isBlackout).map {
                Interval(start: $0.first, end: $0.last + .nanoseconds(1))
            })
        var phases = lane.lane.role == .probe ? phases(of: lane.lane.id, in: trial) : []
        // Windows follow each other: those that a slot lies in stand together.
        var first = 0
        try timeline.forEachSample(of: lane.lane.id) { sample in
            builder.add(sample)
            guard sample.outcome == .ok, first < phases.count else { return }
            let latency = sample.done.nanoseconds - sample.due.nanoseconds
            while first < phases.count, phases[first].end <= sample.due { first += 1 }
            var place = first
            while place < phases.count, phases[place].start <= sample.due {
                phases[place].add(sample.due, latency)
                place += 1
            }
        }
        let lanes = max(1, timeline.lanes.count)
        let limit = max(60, Self.segments / lanes)
        return (builder.segments(limit: limit), phases)
    }

    private func phases(of lane: LaneID, in trial: TrialFindings) -> [PhaseLatency] {
        var calm = trial.start
        var phases: [PhaseLatency] = []
        for fault in trial.faults {
            guard let effect = fault.effects.first(where: { $0.lane == lane }) else { continue }
            if !fault.isHealing {
                phases.append(PhaseLatency(fault, effect, trial: trial.index, previous: min(calm, fault.at)))
            }
            calm = max(calm, min(fault.window.end, fault.at + effect.stable))
        }
        return phases
    }

    private func append(_ segments: [Strip.Segment], of lane: Lane, to chart: inout Chart) {
        let isControl = lane.role != .probe
        let name = isControl ? "control: \(lane.role.rawValue)" : "\(lane.traffic)/\(lane.mode.rawValue)"
        let peering = isControl ? "" : lane.peering?.rawValue ?? ""
        if let place = chart.strips.firstIndex(where: { $0.name == name && $0.peering == peering }) {
            chart.strips[place].segments += segments
        } else {
            chart.strips.append(Strip(name: name, peering: peering, isControl: isControl, segments: segments))
        }
    }
}
