import QuakePlan
import QuakeTimeline

/// Reads one lane's samples once and fills everything that is known of it.
struct LaneReader {
    private let lane: Lane
    private let windows: [FaultWindow]
    private let settle: Duration
    private let suspects: SuspectSeconds
    private let events: [Event]
    private let from: RunInstant

    /// - Parameter from: where the clean stretch before the first step began.
    init(
        _ lane: Lane, windows: [FaultWindow], settle: Duration, suspects: SuspectSeconds, events: [Event],
        from: RunInstant
    ) {
        self.from = from
        self.lane = lane
        self.windows = windows
        self.settle = settle
        self.suspects = suspects
        self.events = events
    }

    func read(_ timeline: any Timeline) throws -> (LaneFindings, [LaneEffect]) {
        var found = LaneFindings(lane: lane)
        var raw = OutageFinder(lane: lane)
        var merged = OutageFinder(lane: lane, bridge: OutageFinder.mergeLength(lane))
        var builders = windows.map { EffectBuilder($0, lane: lane, settle: settle) }
        var doubt = DoubtReader(lane, windows: windows, settle: settle, suspects: suspects)
        let isDoubtful = doubt != nil
        var trackers = windows.map { RedialTracker($0, lane: lane, events: events) }
        var classes = [Int](repeating: 0, count: Int(UInt8.max) + 1)
        let texts = timeline.texts
        // A run of days has hundreds of windows: a slot is shown to those alone that it may concern.
        var opened = 0
        var open: [Int] = []
        var redialled: [Int] = []
        var quietUntil = UInt64.max
        try timeline.forEachSample(of: lane.id) { sample in
            guard sample.due >= from else {
                found.warmUp += 1
                return
            }
            while opened < windows.count, windows[opened].at <= sample.due {
                open.append(opened)
                if !trackers[opened].isOver {
                    redialled.append(opened)
                    quietUntil = min(quietUntil, trackers[opened].quietUntil)
                }
                opened += 1
            }
            let isSuspect = suspects.excludes(sample, of: lane)
            let slot = Self.slot(of: sample, isSuspect: isSuspect)
            if isDoubtful { doubt?.add(slot, sample, isSuspect: isSuspect) }
            classes[Int(sample.outcome.rawValue)] += 1
            count(sample, slot, &found, texts)
            raw.add(slot)
            merged.add(slot)
            if slot.kind == .bad, !windows.contains(where: { $0.interval.contains(slot.due) }) {
                found.unattributed += 1
            }
            let latency = sample.done.nanoseconds - sample.due.nanoseconds
            for index in open { builders[index].add(slot, latency: latency) }
            // Seldom anything is over: look only where there is something to look at.
            if !open.isEmpty { open.removeAll { builders[$0].isOver(at: sample.due) } }
            guard !redialled.isEmpty, sample.flags.tellOfADial || sample.sequence >= quietUntil else { return }
            for index in redialled { trackers[index].add(sample) }
            redialled.removeAll { trackers[$0].isOver }
            quietUntil = redialled.reduce(.max) { min($0, trackers[$1].quietUntil) }
        }
        for outcome in Outcome.allCases where classes[Int(outcome.rawValue)] > 0 {
            found.classes[outcome.name] = classes[Int(outcome.rawValue)]
        }
        raw.finish()
        merged.finish()
        found.outages = raw.outages
        found.merged = merged.outages
        found.connectionsLost = events.count { event in
            if case .connectionClosed(lane.id, _, _, _) = event.what { true } else { false }
        }
        let gaps = gaps()
        found.messagesLost = gaps.reduce(0) { $0 + $1.count }
        let readings = doubt?.finish()
        found.readings = readings?.lane
        let effects = builders.indices.map { index -> LaneEffect in
            var effect = builders[index].finish()
            effect.readings = readings?.effects[index]
            effect.redials = trackers[index].redials
            if lane.mode == .stream {
                effect.messagesLost = gaps.reduce(0) { $0 + count($1, in: windows[index].interval) }
            }
            return effect
        }
        return (found, effects)
    }

    /// A stream's gaps, as slots.
    private func gaps() -> [ClosedRange<UInt64>] {
        events.compactMap { event in
            guard case .messagesLost(lane.id, _, let first, let last) = event.what, first <= last else { return nil }
            return first...last
        }
    }

    /// How many slots are due within an interval.
    private func count(_ slots: ClosedRange<UInt64>, in interval: Interval) -> Int {
        slots.count { interval.contains(lane.due($0)) }
    }

    private static func slot(of sample: Sample, isSuspect: Bool) -> Slot {
        let kind: Slot.Kind =
            sample.outcome.isClientFailure || isSuspect
            ? .excluded : sample.outcome == .ok ? .good : .bad
        return Slot(sequence: sample.sequence, due: sample.due, kind: kind)
    }

    private func count(_ sample: Sample, _ slot: Slot, _ found: inout LaneFindings, _ texts: [String]) {
        found.slots += 1
        found.sendLag.add(sample.sent.nanoseconds - sample.due.nanoseconds)
        if sample.outcome.isClientFailure {
            found.clientFailures += 1
        } else if slot.kind == .excluded {
            found.suspect += 1
        } else if slot.kind == .good {
            found.good += 1
        } else {
            found.bad += 1
        }
        if !sample.outcome.isClientFailure {
            found.latency.add(sample.done.nanoseconds - sample.due.nanoseconds)
        }
        guard sample.text != 0, texts.indices.contains(Int(sample.text)) else { return }
        let text = texts[Int(sample.text)]
        var known = found.texts[sample.outcome.name] ?? []
        guard known.count < 3, !known.contains(text) else { return }
        known.append(text)
        found.texts[sample.outcome.name] = known
    }
}

extension Array {
    /// The first index whose element belongs to the second part, of an array in which every one that does not comes
    /// before; the end's if there is none.
    func partitioningIndex(where belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
