package import QuakePlan
package import QuakeTimeline

/// Computes findings from a run's record. Pure: nothing but the timeline and its plan counts.
package struct Analyser {
    private let timeline: any Timeline
    private let plan: Plan

    package init(_ timeline: any Timeline, plan: Plan) {
        self.timeline = timeline
        self.plan = plan
    }

    /// Reads the whole record once.
    ///
    /// - Throws: what the timeline throws where it cannot be read.
    package func findings() throws -> Findings {
        let events = Dictionary(grouping: timeline.events) { $0.trial }
        let lanes = Dictionary(grouping: timeline.lanes, by: \.trial)
        let indices = Set(lanes.keys).union(startedTrials).sorted()
        let spans = indices.map { span(lanes[$0] ?? [], events[$0] ?? []) }
        let names = NodeNames(timeline.events)
        let targetSets = TargetSets(timeline.events)
        let (read, dials) = try concurrently(
            {
                try zip(indices, spans).map {
                    try trial($0, $1, lanes[$0] ?? [], events[$0] ?? [], names, targetSets)
                }
            },
            { try groupedDials(in: spans, names) })
        var trials = read.map(\.findings)
        for index in trials.indices {
            (trials[index].dials, trials[index].failedDials) = dials[index]
            trials[index].proxyFailures = ProxyFailureGroup.all(
                in: timeline.events, during: spans[index], lanes: timeline.lanes)
        }
        try tellCarriers(&trials)
        markCut(&trials, events)
        let whole = trials.filter(\.isWhole)
        let judge = ExpectationJudge(plan: plan, trials: whole)
        let verdicts = plan.cells.isEmpty ? [] : judge.verdicts()
        let cells = plan.cells.enumerated().map {
            CellVerdicts(cell: $0.offset, labels: $0.element.labels, verdicts: judge.verdicts(ofCell: $0.offset))
        }
        let suspects = Dictionary(uniqueKeysWithValues: read.map { ($0.findings.index, $0.suspects) })
        let troubles = TroubleFinder(timeline, plan: plan, trials: trials, suspects: suspects).troubles()
        var exits = troubles.map(\.exit)
        for verdict in verdicts {
            if verdict.result == .fail { exits.append(.failed) }
            if verdict.result == .inconclusive { exits.append(.inconclusive) }
        }
        return Findings(
            info: timeline.info, state: timeline.state, trials: trials, verdicts: verdicts, cells: cells,
            troubles: troubles, evidence: evidence,
            notes: notes, always: always, exit: PeerquakeExit.deciding(exits))
    }

    private var startedTrials: Set<Int> {
        Set(
            timeline.events.compactMap { event in
                if case .trialStarted = event.what { event.trial } else { nil }
            })
    }

    /// A run's last trial may have been cut off, and one that was not healthy before has broken nothing: they are shown,
    /// and prove nothing.
    private func markCut(_ trials: inout [TrialFindings], _ events: [Int?: [Event]]) {
        for index in trials.indices where trials[index].hypotheses.contains(where: { $0.moment == .before && !$0.held })
        {
            trials[index].isWhole = false
        }
        guard let last = trials.indices.last else { return }
        let own = events[trials[last].index] ?? []
        let isOver = own.contains { if case .trialFinished = $0.what { true } else { false } }
        let isInterrupted = timeline.events.contains { if case .interrupted = $0.what { true } else { false } }
        let wasAsked = trials[last].hypotheses.contains { $0.moment == .after || !$0.held }
        let isAborted = own.contains { if case .aborted = $0.what { true } else { false } }
        if isInterrupted, !wasAsked, !isAborted { trials[last].isWhole = false }
        if timeline.state != .closed, !isOver { trials[last].isWhole = false }
    }

    private var evidence: [String] {
        timeline.events.compactMap { if case .evidence(let file, _) = $0.what { file } else { nil } }
    }

    private var always: [Findings.AlwaysResult] {
        timeline.events.compactMap { event in
            guard case .alwaysFinished(let step, let action, let outcome, let detail) = event.what else { return nil }
            return Findings.AlwaysResult(
                step: step, action: action, trial: event.trial, outcome: outcome, detail: detail)
        }
    }

    private var notes: [String] {
        timeline.events.compactMap { event in
            switch event.what {
            case .note(let text): text
            case .gap(_, _, let reason): "data is missing: \(reason)"
            case .healed(_, let inverse, let outcome) where outcome.isFinal && outcome != .healed:
                "\(inverse): \(outcome.text)"
            default: nil
            }
        }
    }

    // MARK: - A trial

    private func trial(
        _ index: Int, _ span: Interval, _ lanes: [Lane], _ events: [Event], _ names: NodeNames,
        _ targetSets: TargetSets
    ) throws -> (findings: TrialFindings, suspects: SuspectSeconds) {
        var header = (cell: 0, repeatIndex: 0, labels: [String: String]())
        for event in events {
            if case .trialStarted(let cell, let repeatIndex, let labels) = event.what {
                header = (cell, repeatIndex, labels)
            }
        }
        let cell = plan.cells.indices.contains(header.cell) ? plan.cells[header.cell] : nil
        let windows = FaultWindows.cut(events, groups: FaultWindows.groups(cell?.steps ?? []), end: span.end)
        let settle = cell?.settle ?? .seconds(10)
        let suspects = try SuspectSeconds(timeline, lanes: lanes, events: events)
        var laneFindings: [LaneFindings] = []
        var effects: [[LaneEffect]] = Array(repeating: [], count: windows.count)
        let from = warmUpEnd(events, cell)
        let read = try concurrentMap(lanes) { [timeline] lane in
            try LaneReader(
                lane, windows: windows, settle: settle, suspects: suspects, events: events, from: from
            ).read(timeline)
        }
        for (lane, (finding, laneEffects)) in zip(lanes, read) {
            laneFindings.append(finding)
            guard lane.role == .probe else { continue }
            for (position, effect) in laneEffects.enumerated() { effects[position].append(effect) }
        }
        let probes = laneFindings.filter { $0.lane.role == .probe }
        let all = probes.reduce(0) { $0 + $1.slots }
        var doubts = TrialDoubts(events, windows: windows, span: span, suspects: suspects)
        doubts.mayHaveHealed = try mayHaveHealed(lanes, events, cell, suspects)
        let findings = TrialFindings(
            index: index, cell: header.cell, repeatIndex: header.repeatIndex, labels: header.labels,
            peering: probes.first?.lane.peering?.rawValue ?? header.labels["peering"] ?? "",
            lanes: laneFindings,
            faults: zip(windows, effects).map { window, effects in
                FaultFindings(
                    fault: window.fault, at: window.at, window: window.interval, effects: effects,
                    breakdown: Breakdown(of: window, in: events, targetSets), isHealing: window.isHealing,
                    group: window.group)
            },
            hypotheses: events.compactMap { if case .hypothesis(let result) = $0.what { result } else { nil } },
            outcomes: outcomes(events).mapValues(\.0), details: outcomes(events).mapValues(\.1),
            conditions: conditions(events), notReady: NotReadyNodes(events).names(names),
            doubts: doubts, failedDials: [], dials: 0,
            suspectShare: all == 0 ? 0 : Double(probes.reduce(0) { $0 + $1.suspect }) / Double(all),
            suspectReasons: SuspectReasons(events).words,
            start: span.start, end: span.end, isWhole: true,
            disturbances: DisturbanceFinder(events, cell: cell).disturbances(),
            propagation: PropagationFindings.all(in: events, suspects))
        return (findings, suspects)
    }

    private func mayHaveHealed(
        _ lanes: [Lane], _ events: [Event], _ cell: Cell?, _ suspects: SuspectSeconds
    ) throws -> Bool {
        let end = events.firstIndex { event in
            if case .hypothesis(let result) = event.what { result.moment == .after && !result.held } else { false }
        }
        guard let end, let cell else { return false }
        return try HypothesisReplay(
            lanes.filter { $0.role == .probe }, events: Array(events[...end]), cell: cell, suspects: suspects
        ).couldHold(timeline)
    }

    /// Where the stretch began that the hypothesis before the first step found clean.
    private func warmUpEnd(_ events: [Event], _ cell: Cell?) -> RunInstant {
        for event in events {
            guard case .hypothesis(let result) = event.what, result.moment == .before, result.held else { continue }
            return event.at + (.zero - (cell?.hypothesis.baseline ?? .zero))
        }
        return RunInstant(nanoseconds: .min)
    }

    /// From the first lane's origin until the first one stops.
    private func span(_ lanes: [Lane], _ events: [Event]) -> Interval {
        let stops = events.compactMap { event -> RunInstant? in
            switch event.what {
            case .laneStopped, .trialFinished: event.at
            default: nil
            }
        }
        return Interval(
            start: lanes.map(\.origin).min() ?? events.first?.at ?? .origin,
            end: stops.min() ?? events.last?.at ?? .origin)
    }

    private func outcomes(_ events: [Event]) -> [String: (StepOutcome, String)] {
        var result: [String: (StepOutcome, String)] = [:]
        for event in events {
            if case .stepFinished(let step, let outcome, let detail) = event.what { result[step] = (outcome, detail) }
        }
        return result
    }

    private func conditions(_ events: [Event]) -> [String: Int64] {
        var result: [String: Int64] = [:]
        for event in events {
            if case .conditionMet(let step, _, let millis) = event.what { result[step] = millis }
        }
        return result
    }

    // MARK: - Dials

    /// Says of each fault of nodes what they carried. Dials tell it where the mesh names its mode of tunnels; archives of earlier
    /// versions name none, and are reported as they were then.
    private func tellCarriers(_ trials: inout [TrialFindings]) throws {
        var counter = CarrierCounter(CarrierCounter.Victim.all(in: trials, of: plan))
        guard !counter.victims.isEmpty else { return }
        if timeline.info.facts["tunnels"] != nil { try timeline.forEachDial { counter.add($0) } }
        for event in timeline.events { counter.add(event) }
        for (victim, carried) in zip(counter.victims, counter.carried()) {
            trials[victim.trial].faults[victim.fault].carried = carried
        }
    }

    /// How many dials began in each trial, and those that failed, grouped.
    private func groupedDials(in spans: [Interval], _ names: NodeNames) throws -> [(count: Int, failed: [DialGroup])] {
        var counts = [Int](repeating: 0, count: spans.count)
        var groups = [[String: DialGroup]](repeating: [:], count: spans.count)
        let starts = spans.map(\.start)
        try timeline.forEachDialStart { began, failed in
            // A dial may outlast its trial by its own limit.
            let position = starts.partitioningIndex { $0 > began } - 1
            guard position >= 0, began < spans[position].end else { return }
            counts[position] += 1
            if let failed { Self.add(failed, to: &groups[position], names) }
        }
        return zip(counts, groups).map { count, groups in
            let sorted = groups.values.sorted {
                ($1.count, $0.targetAddress, $0.outcome) < ($0.count, $1.targetAddress, $1.outcome)
            }
            return (count, sorted)
        }
    }

    private static func add(_ dial: Dial<RunInstant>, to groups: inout [String: DialGroup], _ names: NodeNames) {
        let key = [
            dial.dialer == .balancer ? "b" : "l", dial.peer, dial.targetNode, dial.targetAddress, dial.gatewayNode,
            dial.outcome.name, "\(dial.phase.rawValue)", "\(dial.errno)",
        ].joined(separator: "|")
        var group =
            groups[key]
            ?? DialGroup(
                dialer: dial.dialer == .balancer ? "balancer" : "load balancer",
                targetNode: names.name(of: dial.targetNode, in: dial.peer), targetAddress: dial.targetAddress,
                gatewayNode: names.name(of: dial.gatewayNode, in: dial.peer), outcome: dial.outcome.name,
                phase: dial.phase.name, errno: dial.errno, count: 0, longestMillis: 0,
                clientsGone: 0)
        group.count += 1
        group.longestMillis = max(group.longestMillis, dial.millis)
        group.clientsGone += dial.clientGoneMillis == nil ? 0 : 1
        groups[key] = group
    }
}
