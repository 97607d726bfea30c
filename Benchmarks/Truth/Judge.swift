import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// Holds what the prober said of a lane against what the server logged and what was scheduled.
///
/// Seconds in which the prober says of itself that it was not to be trusted are left out, as in every report.
struct Judge {
    /// Slots whose answer left so close to the deadline's moment that either verdict is right.
    private static let margin: Int64 = 1_000_000

    let lane: Lane
    /// In the order of their due times.
    let samples: [Sample]
    let suspects: SuspectSeconds
    let schedule: Schedule
    /// Client's port → its requests, in order.
    let entries: [UInt16: [LogEntry]]
    /// Nanoseconds on the monotonic clock at the run's origin.
    let origin: Int64
    /// Due time → how late the slot was sent.
    private let lags: [Int64: Int64]

    init(
        lane: Lane, samples: [Sample], suspects: SuspectSeconds, schedule: Schedule, entries: [UInt16: [LogEntry]],
        origin: Int64
    ) {
        self.lane = lane
        self.samples = samples
        self.suspects = suspects
        self.schedule = schedule
        self.entries = entries
        self.origin = origin
        lags = Dictionary(samples.map { ($0.due.nanoseconds, ($0.sent - $0.due).inNanoseconds) }) { max($0, $1) }
    }

    /// What came out, and what is wrong with it.
    struct Result {
        var slots = 0
        /// Within the margin.
        var undecided = 0
        var clientFailures = 0
        /// Left out, for the prober lagged or its loopback control failed.
        var suspect = 0
        /// Indices of faults one of whose ends lies in a second that is left out, or in which the server read nothing.
        var unjudged: Set<Int> = []
        /// Indices of faults whose outage is not within its bounds, or amid or next to which a slot's verdict is wrong.
        var wrong: Set<Int> = []
        /// Outages without a fault that the server's own log shows: this machine's stalls.
        var stalls = 0
        /// Fault's index → whether it was found within its bounds; faults that bound nothing on this lane are absent.
        var found: [Int: Bool] = [:]
        /// Fault's index → the outage that it is held against.
        var outages: [Int: Outage] = [:]
        var problems: [String] = []
    }

    private func moment(_ instant: RunInstant) -> Int64 { origin + instant.nanoseconds }
    private func seconds(_ moment: Int64) -> Double { Double(moment - origin) / 1e9 }

    func judge() -> Result {
        var result = Result()
        checkSlots(&result)
        let outages = outages()
        checkFaults(outages, &result)
        checkSilence(outages, &result)
        for (index, isFound) in result.found where !isFound { result.wrong.insert(index) }
        return result
    }

    // MARK: - Slots

    private func checkSlots(_ result: inout Result) {
        for sample in samples {
            result.slots += 1
            if sample.outcome.isClientFailure {
                result.clientFailures += 1
                continue
            }
            if suspects.excludes(sample, of: lane) {
                result.suspect += 1
                continue
            }
            guard let isGood = verdict(sample) else {
                result.undecided += 1
                continue
            }
            if isGood != (sample.outcome == .ok) {
                result.wrong.formUnion(faults(near: moment(sample.due)))
                let log = answer(to: sample).map {
                    "answered \(Double($0.lowerBound - moment(sample.due)) / 1e6) ms after it was due"
                }
                result.problems.append(
                    "slot \(sample.sequence) at \(seconds(moment(sample.due))) s is \(sample.outcome.name): the server "
                        + (log ?? "never answered it"))
            }
        }
    }

    /// Indices of the faults that a slot due then can have met; without any, of the last one before it.
    private func faults(near due: Int64) -> [Int] {
        let near = schedule.faults.indices.filter {
            schedule.faults[$0].start <= due + lane.deadlineNanoseconds && due <= schedule.faults[$0].end + Self.margin
        }
        return near.isEmpty ? [schedule.faults.lastIndex { $0.start <= due } ?? 0] : near
    }

    /// Whether the log calls a slot good; `nil` where its answer left within the margin of the deadline's moment.
    private func verdict(_ sample: Sample) -> Bool? {
        let limit = moment(sample.due) + lane.deadlineNanoseconds
        guard let answered = answer(to: sample) else { return false }
        if answered.upperBound < limit - Self.margin { return true }
        return answered.lowerBound > limit + Self.margin ? false : nil
    }

    /// When the right answer to this request left; `nil` if none did.
    private func answer(to sample: Sample) -> ClosedRange<Int64>? {
        // A hidden retry is asked twice: what counts is the request that it was, on the connection that was lost.
        sample.outcome == .hiddenRetry ? nil : entry(of: sample)?.answered
    }

    private func entry(of sample: Sample) -> LogEntry? {
        guard sample.localPort > 0 else { return nil }
        let (from, to) = (moment(sample.sent) - 200_000, moment(sample.done) + Self.margin)
        guard let own = entries[sample.localPort] else { return nil }
        // Entries of one port follow each other in time.
        let first = own.partitioningIndex { $0.received >= from }
        return first < own.count && own[first].received <= to ? own[first] : nil
    }

    // MARK: - Outages

    private func outages() -> [Outage] {
        var finder = OutageFinder(lane: lane)
        for sample in samples {
            finder.add(
                Slot(
                    sequence: sample.sequence, due: sample.due,
                    kind: suspects.excludes(sample, of: lane)
                        ? .excluded : sample.outcome == .ok ? .good : sample.outcome.isBad ? .bad : .excluded))
        }
        finder.finish()
        return finder.outages
    }

    private func isTouched(by fault: ScheduledFault) -> Bool { lane.mode == .new || fault.kind.touchesPinned }

    private func checkFaults(_ outages: [Outage], _ result: inout Result) {
        for (index, fault) in schedule.faults.enumerated() {
            guard !fault.isPartial, isTouched(by: fault), fault.length >= 2 * lane.periodNanoseconds else { continue }
            // A stall that is shorter than the deadline is invisible by definition, and one about as long may be.
            if fault.kind.isReleased, fault.length < lane.deadlineNanoseconds + 2 * lane.periodNanoseconds { continue }
            if isSuspect(fault) || isUnmet(fault) {
                result.unjudged.insert(index)
                continue
            }
            let over = outages.filter { moment($0.first) < fault.end && moment($0.last) >= fault.start - Self.margin }
            guard let outage = over.max(by: { $0.badSlots < $1.badSlots }) else {
                result.found[index] = false
                result.problems.append(
                    "\(fault.kind.rawValue) of \(Double(fault.length) / 1e6) ms at \(seconds(fault.start)) s: no outage"
                )
                continue
            }
            result.outages[index] = outage
            let why = bounds(outage, fault)
            result.found[index] = why == nil
            if let why {
                result.problems.append(
                    "\(fault.kind.rawValue) of \(Double(fault.length) / 1e6) ms at \(seconds(fault.start)) s: \(why)")
            }
        }
    }

    /// Whether an end of it, or what shows of that end, lies in a second that is left out.
    private func isSuspect(_ fault: ScheduledFault) -> Bool {
        [fault.start, fault.end].contains { edge in
            [-lane.deadlineNanoseconds, -lane.periodNanoseconds, 0, lane.periodNanoseconds].contains {
                suspects.contains(RunInstant(nanoseconds: edge - origin + $0))
            }
        }
    }

    /// Whether the server read no request of this lane while the fault was in force: its process stood still.
    private func isUnmet(_ fault: ScheduledFault) -> Bool {
        guard !fault.kind.isOfPort else { return false }
        let from = samples.partitioningIndex { moment($0.due) > fault.start - lane.deadlineNanoseconds }
        let near = samples[from...].prefix { moment($0.due) < fault.end }
        return !near.contains { sample in
            guard let entry = entry(of: sample) else { return false }
            return entry.received >= fault.start && entry.received < fault.end
        }
    }

    /// How the scheduled interval leaves the outage's bounds, widened by the edge slots' own lag.
    private func bounds(_ outage: Outage, _ fault: ScheduledFault) -> String? {
        let lag = max(lag(around: outage), lag(around: fault.start), lag(around: fault.end))
        let length = fault.length
        let upper = fault.kind.isReleased ? outage.impairmentUpper : outage.upper
        if outage.lower.inNanoseconds - lag > length {
            return "lower bound \(outage.lower.inSeconds) s, lag \(Double(lag) / 1e6) ms"
        }
        if upper.inNanoseconds + lag < length {
            return "upper bound \(upper.inSeconds) s, lag \(Double(lag) / 1e6) ms"
        }
        return nil
    }

    /// The largest lag of the slots due near one end of a fault, the way to the server and the server's own included: on a
    /// busy machine a request that is sent amid a fault may be read after it.
    private func lag(around edge: Int64) -> Int64 {
        let from = samples.partitioningIndex { moment($0.due) > edge - 50_000_000 }
        let near = samples[from...].prefix { moment($0.due) < edge + 50_000_000 }
        let lags = near.flatMap { sample -> [Int64] in
            guard let entry = entry(of: sample) else { return [(sample.sent - sample.due).inNanoseconds] }
            let read = entry.received - moment(sample.due)
            let isPlain = schedule.faults.allSatisfy { entry.received < $0.start || entry.received >= $0.end }
            return [read, isPlain ? (entry.answered?.upperBound ?? entry.received) - moment(sample.due) : 0]
        }
        return (lags.max() ?? 0) + Self.margin
    }

    /// The largest lag of the four slots at an outage's edges, and the margin for the way to the server.
    private func lag(around outage: Outage) -> Int64 {
        let edges = [outage.first, outage.last, outage.before, outage.after].compactMap { $0?.nanoseconds }
        return (edges.compactMap { lags[$0] }.max() ?? 0) + Self.margin
    }

    /// No outage where there was no fault.
    private func checkSilence(_ outages: [Outage], _ result: inout Result) {
        for outage in outages {
            let (first, last) = (moment(outage.first), moment(outage.last))
            // Seconds that are left out may join the outages of two faults.
            let lag = lag(around: outage)
            func isExplained(_ moment: Int64) -> Bool {
                schedule.faults.contains { fault in
                    isTouched(by: fault) && moment >= fault.start - lane.deadlineNanoseconds - Self.margin
                        && moment < fault.end + Self.margin + lag
                }
            }
            let isCaused = isExplained(first) && isExplained(last)
            if !isCaused, isStall(outage) {
                result.stalls += 1
            } else if !isCaused {
                result.wrong.formUnion(faults(near: first))
                result.problems.append(
                    "an outage of \(outage.estimate.inSeconds) s at \(seconds(first)) s, \(outage.badSlots) slots: no fault"
                )
            }
        }
    }

    /// Every slot of it was sent in time, and the log says for each that its answer left late or nearly so.
    private func isStall(_ outage: Outage) -> Bool {
        let from = samples.partitioningIndex { $0.due >= outage.first }
        let own = samples[from...].prefix { $0.due <= outage.last }
        return own.allSatisfy {
            $0.outcome == .ok || (($0.sent - $0.due) <= .milliseconds(10) && verdict($0) != true)
        }
    }
}

extension Array {
    /// Where the first element stands that belongs to the second part, all of which stand behind the first's.
    func partitioningIndex(_ belongsToSecond: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
