import FoundationEssentials
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeRun
import QuakeShell
import QuakeTimeline
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a run shows while it goes on: on a terminal the step under way and a line for each lane, elsewhere a line for
/// each thing that happens.
final class ProgressView: Sendable {
    private struct State {
        var trial = ""
        var step = "starting"
        var since = ContinuousClock.now
        var drawn = 0
    }

    /// Columns of a line that is drawn again and again: one that wraps could not be erased.
    private static let width = 79

    private let isLive: Bool
    /// Of a long run, a line for each trial and what went wrong.
    private let isTerse: Bool
    /// How long it goes on; `nil` where only its end can tell.
    private let length: String?
    private let began = ContinuousClock.now
    private let color: Bool
    private let lanes: LiveLanes
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ lanes: LiveLanes, environment: [String: String], length: String? = nil) {
        self.lanes = lanes
        self.length = length
        isTerse = length != nil
        isLive = isatty(2) == 1 && environment["CI"] == nil && environment["TERM"] != "dumb"
        color = isLive && environment["NO_COLOR"] == nil
        guard isLive else { return }
        let drawing = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(250))
                self?.draw()
            }
        }
        task.withLock { $0 = drawing }
    }

    func stop() {
        task.withLock { $0?.cancel() }
        if isLive { state.withLock { erase(&$0) } }
    }

    func heard(_ event: Event) {
        if let step = Self.step(of: event.what) {
            state.withLock { state in
                state.step = step.printable()
                state.since = .now
            }
        }
        if case .trialStarted = event.what, let index = event.trial, let words = Self.words(of: event.what) {
            state.withLock {
                $0.trial = "trial \(index + 1)\(words.dropFirst("trial".count).description.printable()), "
            }
        }
        // What came about before the run and still holds is for the archive.
        guard event.at >= .origin else { return }
        guard let line = Self.words(of: event.what), !isTerse || Self.isTrouble(event) else { return }
        say(line, event.at, Self.color(of: event))
    }

    /// A trial of a long run is over.
    func heard(trial findings: Findings) {
        guard let trial = findings.trials.first else { return }
        let isBad = ![.pass, .inconclusive].contains(findings.exit)
        say(TrialLine(trial, findings).text, trial.end, isBad ? "31" : nil)
    }

    private func say(_ line: String, _ at: RunInstant, _ code: String?) {
        state.withLock { state in
            if isLive { erase(&state) }
            let line = line.printable(lines: true)
            Self.put("\(Self.stamp(at))  \(code.map { paint(line, $0) } ?? line)\n")
        }
    }

    /// Red for what went wrong, bold for what was done; the rest is plain.
    private static func color(of event: Event) -> String? {
        switch event.what {
        case .stepStarted, .trialStarted: "1"
        case .note: nil
        default: isTrouble(event) ? "31" : nil
        }
    }

    private static func isTrouble(_ event: Event) -> Bool {
        switch event.what {
        // Why a trial could not go on is told when it is over.
        case .note: event.trial == nil
        case .conditionUnmet, .aborted, .interrupted: true
        case .hypothesis(let result): !result.held
        case .stepFinished(_, let outcome, _): outcome.isFailure
        case .alwaysFinished(_, _, let outcome, _): outcome != .finished
        case .healed(_, _, let outcome): !outcome.isFinal
        default: false
        }
    }

    private static func stamp(_ at: RunInstant) -> String {
        let tenths = max(0, at.nanoseconds) / 100_000_000
        let text = "\(tenths / 10).\(tenths % 10)"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private static func step(of what: Event.What) -> String? {
        switch what {
        case .stepStarted(let step, _): step
        case .trialStarted: "waiting for a clean stretch"
        case .trialFinished: "trial finished"
        default: nil
        }
    }

    private static func words(of what: Event.What) -> String? {
        switch what {
        case .trialStarted(_, let repeatIndex, let labels):
            let text = labels.sorted { $0.key < $1.key }
                .map { $0.key == "peering" ? $0.value : "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "trial: \(text.isEmpty ? "one cell" : text), repeat \(repeatIndex + 1)"
        case .hypothesis(let result):
            return
                "\(result.moment == .before ? "before" : "after"): \(result.held ? "clean" : "NOT CLEAN"), \(result.detail)"
        case .stepStarted(let step, let action): return step == action ? step : "\(step): \(action)"
        case .stepFinished(let step, let outcome, let detail):
            return outcome == .finished ? nil : "\(step): \(outcome.rawValue). \(detail)"
        case .alwaysFinished(let step, let action, let outcome, let detail):
            return "\(step) (\(action)): \(outcome.rawValue)\(detail.isEmpty ? "" : ", \(detail)")"
        case .targetsResolved(let step, let cluster, let targets):
            return "\(step) on \(cluster): \(targets.joined(separator: ", "))"
        case .conditionMet(let step, let condition, let millis):
            return "\(step): \(condition) after \(Double(millis / 10) / 100) s"
        case .conditionUnmet(let step, let condition, let seen): return "\(step): \(condition) NOT MET, \(seen)"
        case .nodeReady(let cluster, let node, let status) where status != .ready:
            return "\(cluster): \(node) is NotReady"
        case .loadBalancerHealth(let cluster, let node, let healthy) where !healthy:
            return "\(cluster): health check: \(node) is out"
        case .propagation(let measured):
            let place = measured.view.words(of: measured.cluster)
            let what = "\(measured.step): \(measured.change.rawValue) \(measured.direction.rawValue)"
            let seconds = "\(Double(measured.length.inMilliseconds / 10) / 100) s"
            return measured.isCensored
                ? "\(what): not known to \(place) within \(seconds)" : "\(what): known to \(place) after \(seconds)"
        case .healed(_, let inverse, let outcome):
            return outcome == .healed ? "healed: \(inverse)" : "\(inverse): \(outcome.text)"
        case .aborted(let reason): return "ABORTED: \(reason)"
        case .interrupted(let signal): return "interrupted by signal \(signal)"
        case .note(let text): return text
        default: return nil
        }
    }

    // MARK: - The live part

    private func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        Self.put("\u{1B}[\(state.drawn)A\u{1B}[J")
        state.drawn = 0
    }

    private func draw() {
        let snapshots = lanes.snapshots.filter { $0.lane.role == .probe }
        state.withLock { state in
            erase(&state)
            let seconds = (ContinuousClock.now - state.since).components.seconds
            let whole = (ContinuousClock.now - began).components.seconds
            let progress = length.map { "\(Self.clock(whole)) of \($0), " } ?? "\(Self.clock(whole)), "
            var lines = [String("── \(progress)\(state.trial)\(state.step), \(seconds) s".prefix(Self.width))]
            for lane in snapshots {
                let total = lane.good + lane.bad
                let share = total == 0 ? "–" : "\(lane.good * 1000 / total / 10).\(lane.good * 1000 / total % 10) %"
                let out = lane.outage >= .seconds(1) ? paint("  out \(lane.outage.components.seconds) s", "31") : ""
                let label = String(lane.lane.label.printable().prefix(22)).padded(14)
                lines.append("   \(label) \(share.leftPadded(7))  \(lane.recent.map(mark).joined())\(out)")
            }
            Self.put(lines.joined(separator: "\n") + "\n")
            state.drawn = lines.count
        }
    }

    /// The higher, the better; a second without a good slot is red, one with bad ones yellow.
    private func mark(_ share: Double?) -> String {
        guard let share else { return " " }
        if share >= 1 { return "█" }
        if share <= 0 { return paint("▁", "31") }
        let steps = ["▂", "▃", "▄", "▅", "▆", "▇"]
        return paint(steps[min(steps.count - 1, Int(share * Double(steps.count)))], "33")
    }

    /// `7:05`, `1:07:05`.
    private static func clock(_ seconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(seconds % 60))"
    }

    private func paint(_ text: String, _ code: String) -> String { color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    private static func put(_ text: String) { text.withCString { _ = write(2, $0, strlen($0)) } }
}

extension String {
    func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
