import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// A plan that was repeated often: a table for each cell, with medians and the worst, instead of one for each trial.
extension TerminalReport {
    func repeatedEffects() -> [String] {
        var lines: [String] = []
        for trials in cells {
            guard let first = trials.first else { continue }
            lines += ["", paint(title(ofCell: first, trials.count), "1")]
            var table = TextTable(
                ["fault", "lane", "hit", "loss", "blackout", "recovery", "worst", "trial"]
                    + (hasStreams ? ["msgs"] : []), right: [2, 3, 4, 5, 6, 7, 8])
            let items = RepeatedEffect.collect(trials)
            var names: ArraySlice<String> = []
            for (index, item) in items.enumerated() {
                if index == 0 || (items[index - 1].step, items[index - 1].isHealing) != (item.step, item.isHealing) {
                    for name in names { table.add([name]) }
                    names = self.names(of: item.step, item.isHealing, width: 12)[...]
                }
                let messages = hasStreams ? [item.messagesLost.map { "\($0)" } ?? "–"] : []
                table.add([names.popFirst() ?? "", item.label] + item.figures + messages)
            }
            for name in names { table.add([name]) }
            lines += table.lines(width: width, less: [7, 4], names: 2)
            for item in items {
                guard let doubt = item.doubtWords else { continue }
                lines += width.wrapped(
                    "? \(item.step) \(item.label), suspect slots good or bad: \(doubt)", indent: "  ", less: 2
                ).map { "  \($0)" }
            }
        }
        return lines + [
            "", "  hit: repeats with a bad slot; loss, recovery: the medians of those;",
            "  blackout, worst: the longest, and the latter's trial",
        ] + (hasStreams ? ["  msgs: messages lost with a stream's connection, the median of those"] : [])
    }

    func title(ofCell trial: TrialFindings, _ count: Int) -> String {
        let labels = trial.labels.sorted { $0.key < $1.key }.filter { $0.key != "peering" }
            .map { "\($0.key) \($0.value)" }
        return ([trial.peering] + labels + [Figures.count(count, "repeat")]).filter { !$0.isEmpty }.joined(
            separator: ", "
        )
        .printable()
    }

    /// The one to look at first: of those that were judged, the one that lost most.
    var worstTrial: Int? {
        shown.filter(\.isWhole).max { Self.loss(of: $0) < Self.loss(of: $1) }?.index
    }

    private static func loss(of trial: TrialFindings) -> Int64 {
        trial.lanes.filter { $0.lane.role == .probe }.reduce(0) { $0 + Int64($1.bad) * $1.lane.periodNanoseconds }
    }

    // MARK: - Why

    func repeatedBreakdowns() -> [String] {
        var lines: [String] = []
        for trials in cells {
            guard let first = trials.first else { continue }
            let faults = trials.filter(\.isWhole).flatMap(\.faults).filter { !$0.isHealing }
            var steps: [String] = []
            for fault in faults where !steps.contains(fault.fault.step) { steps.append(fault.fault.step) }
            for step in steps {
                let own = faults.filter { $0.fault.step == step }
                let found = Self.parts.compactMap { part -> (Int64, String)? in
                    let moments = own.compactMap { $0.breakdown[keyPath: part.moment] }.sorted()
                    guard let shortest = moments.first, let longest = moments.last else { return nil }
                    let median = RepeatedEffect.median(moments)
                    let range = "\(Figures.duration(shortest)) to \(Figures.duration(longest))"
                    return (
                        median,
                        "  +\(Figures.duration(median))  \(part.words) (\(range), \(Figures.count(moments.count, "time")))"
                    )
                }
                guard !found.isEmpty, own.contains(where: { $0.effects.contains { $0.bad > 0 } }) else { continue }
                lines += [
                    "", "\(title(ofCell: first, trials.count)): after \(own[0].fault.action) (\(step.printable()))",
                ]
                let carriers = own.compactMap(\.carried)
                if !carriers.isEmpty {
                    lines.append("  carried traffic: \(carriers.count(where: \.isCarrier)) of \(carriers.count) times")
                }
                lines += found.sorted { $0.0 < $1.0 }.flatMap { width.wrapped($0.1, indent: "      ") }
                    .map { $0.hasPrefix(" ") ? $0 : "  \($0)" }
            }
        }
        return lines
    }

    func repeatedDials() -> [String] {
        var lines: [String] = []
        for trials in cells {
            var groups: [String: DialGroup] = [:]
            for group in trials.flatMap(\.failedDials) {
                let key = [group.dialer, group.targetNode, group.outcome, group.phase, "\(group.errno)"]
                    .joined(separator: "|")
                var merged = groups[key] ?? group
                if groups[key] != nil {
                    merged.count += group.count
                    merged.longestMillis = max(merged.longestMillis, group.longestMillis)
                }
                groups[key] = merged
            }
            guard let first = trials.first, !groups.isEmpty else { continue }
            let failed = groups.values.reduce(0) { $0 + $1.count }
            let all = trials.reduce(0) { $0 + $1.dials }
            lines += ["", "\(title(ofCell: first, trials.count)): failed dials (\(failed) of \(all))"]
            var table = TextTable(["by", "target", "class", "errno", "count", "longest"], right: [4, 5])
            let sorted = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
            for (_, group) in sorted.prefix(8) { table.add(Self.row(group)) }
            lines += table.lines(width: width, names: 2)
        }
        return lines
    }

    // MARK: - The rest

    func repeatedRemainder() -> [String] {
        var lines: [String] = []
        for trials in cells {
            guard let first = trials.first else { continue }
            let probes = trials.flatMap(\.lanes).filter { $0.lane.role == .probe }
            let counts: [(count: Int, one: String, several: String)] = [
                (
                    probes.reduce(0) { $0 + $1.unattributed },
                    "bad slot belongs to no fault", "bad slots belong to no fault"
                ),
                (
                    probes.reduce(0) { $0 + $1.warmUp },
                    "slot before the clean stretches is not counted",
                    "slots before the clean stretches are not counted"
                ),
                (
                    probes.reduce(0) { $0 + $1.suspect },
                    "slot is suspect (the prober or the host stalled)",
                    "slots are suspect (the prober or the host stalled)"
                ),
                (
                    trials.flatMap(\.lanes).filter { $0.lane.role == .sameCluster }.reduce(0) { $0 + $1.bad },
                    "slot lost by the same-cluster control: the backend itself",
                    "slots lost by the same-cluster control: the backend itself"
                ),
                (
                    findings.always.count { result in
                        result.outcome != .finished && trials.contains { $0.index == result.trial }
                    },
                    "step of always was not done", "steps of always were not done"
                ),
                (
                    trials.count(where: \.isDisturbed), "trial is disturbed: others changed nodes",
                    "trials are disturbed: others changed nodes"
                ),
                (
                    trials.count { $0.isDoubtful },
                    "trial has figures that suspect slots could change",
                    "trials have figures that suspect slots could change"
                ),
            ]
            for (count, one, several) in counts where count > 0 {
                let words = "\(count) \(count == 1 ? one : several)"
                lines += width.wrapped("\(title(ofCell: first, trials.count)): \(words)", indent: "    ")
                    .map { $0.hasPrefix(" ") ? $0 : "  \($0)" }
            }
        }
        return lines.isEmpty ? [] : ["", "Outside the faults"] + lines
    }
}
