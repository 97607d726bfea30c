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

/// What a run shows while it goes on: on a terminal the step under way, the time left and a line for each lane; elsewhere a line
/// for each thing that happens, and what is under way where nothing happens for long.
final class ProgressView: Sendable {
    private struct State {
        var trial = ""
        var step = "starting"
        var since = ContinuousClock.now
        var wait = ""
        var left: TimeLeft
        var drawn = 0
        /// When a line was last written.
        var spoke = ContinuousClock.now
    }

    /// How long nothing may be written where nothing is drawn.
    private static let silence = (run: Duration.seconds(30), soak: Duration.seconds(300))

    private let isLive: Bool
    /// Of a long run, a line for each trial and what went wrong.
    private let isTerse: Bool
    /// How long it goes on; `nil` where only its end can tell.
    private let length: Duration?
    private let began = ContinuousClock.now
    private let color: Bool
    private let id: String
    private let lanes: LiveLanes
    private let state: Mutex<State>
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter length: of a soak.
    init(_ lanes: LiveLanes, id: String, plan: Plan, environment: [String: String], length: Duration? = nil) {
        self.lanes = lanes
        self.id = id
        self.length = length
        state = Mutex(State(left: TimeLeft(plan)))
        isTerse = length != nil
        isLive =
            isatty(2) == 1 && environment["CI"] == nil && environment["TERM"] != "dumb" && Console.format == .text
            && !Console.isQuiet
        color = isLive && environment["NO_COLOR"] == nil
        guard !Console.isQuiet else { return }
        let ticking = Task { [weak self, isLive] in
            while (try? await Task.sleep(for: isLive ? .milliseconds(250) : .seconds(1))) != nil { self?.tick() }
        }
        task.withLock { $0 = ticking }
    }

    func stop() {
        task.withLock { $0?.cancel() }
        if isLive { state.withLock { erase(&$0) } }
    }

    private func tick() {
        if isLive { return draw() }
        let words = state.withLock { state -> String? in
            guard ContinuousClock.now - state.spoke >= (isTerse ? Self.silence.soak : Self.silence.run) else {
                return nil
            }
            let frame = frame(state)
            let step = "\(frame.step), \(frame.inStep.components.seconds) s"
            return [frame.trial, step, frame.left].filter { !$0.isEmpty }.joined(separator: ", ")
        }
        if let words { say(words, RunInstant.origin + (ContinuousClock.now - began), nil) }
    }

    /// Something is waited for.
    func heard(wait words: String) {
        if isLive {
            state.withLock { $0.wait = words.printable() }
        } else if !isTerse {
            say(words, RunInstant.origin + (ContinuousClock.now - began), nil)
        }
    }

    func heard(_ event: Event) {
        if let step = Self.step(of: event.what) {
            state.withLock { state in
                state.step = step.printable()
                state.since = .now
                state.wait = ""
            }
        }
        if case .trialStarted = event.what, let index = event.trial, let words = Self.words(of: event.what) {
            state.withLock {
                $0.trial = "trial \(index + 1)\(words.dropFirst("trial".count).description.printable())"
                $0.left.began(trial: index, at: event.at - .origin)
            }
        }
        if case .trialFinished = event.what { state.withLock { $0.left.ended(at: event.at - .origin) } }
        // What came about before the run and still holds is for the archive.
        guard event.at >= .origin else { return }
        guard let line = Self.words(of: event.what) else { return }
        // What was waited for has come, or something else has.
        state.withLock { $0.wait = "" }
        guard !isTerse || Self.isTrouble(event) else { return }
        say(
            line, event.at, Self.color(of: event), Self.isTrouble(event) ? .warning : .info, trial: event.trial,
            event: event.what.kind)
    }

    /// A trial of a long run is over.
    func heard(trial findings: Findings) {
        guard let trial = findings.trials.first else { return }
        let isBad = ![.pass, .inconclusive].contains(findings.exit)
        say(
            TrialLine(trial, findings).text, trial.end, isBad ? "31" : nil, isBad ? .warning : .info,
            trial: trial.index, event: "trialJudged")
    }

    private func say(
        _ line: String, _ at: RunInstant, _ code: String?, _ level: LogLevel = .info, trial: Int? = nil,
        event: String? = nil
    ) {
        state.withLock { state in
            if isLive { erase(&state) }
            state.spoke = .now
            let shown = line.printable(lines: true)
            let millis = Double(at.nanoseconds / 1_000_000) / 1000
            Console.write(
                LogLine(level, line, run: id, at: millis, trial: trial.map { $0 + 1 }, event: event),
                text: "\(Self.stamp(at))  \(code.map { paint(shown, $0) } ?? shown)")
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
        Console.put("\u{1B}[\(state.drawn)A\u{1B}[J")
        state.drawn = 0
    }

    private func frame(_ state: State) -> ProgressFrame {
        let elapsed = ContinuousClock.now - began
        let ofSoak = length.map { $0 > elapsed ? "\(TimeLeft.clock($0 - elapsed)) left" : "ending" }
        return ProgressFrame(
            elapsed: elapsed, left: ofSoak ?? state.left.words(at: elapsed), trial: state.trial, step: state.step,
            inStep: ContinuousClock.now - state.since, wait: state.wait,
            lanes: lanes.snapshots.filter { $0.lane.role == .probe }.map(ProgressFrame.Lane.init))
    }

    private func draw() {
        state.withLock { state in
            erase(&state)
            let lines = frame(state).lines(width: Self.width, paint: paint)
            Console.put(lines.joined(separator: "\n") + "\n")
            state.drawn = lines.count
        }
    }

    /// Columns of the terminal as it is now; 80 where it does not say.
    private static var width: Int { Console.columns(of: 2) ?? 80 }

    private func paint(_ text: String, _ code: String) -> String { color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}

extension Event.What {
    /// The kind of the event, as archives name it.
    fileprivate var kind: String { Mirror(reflecting: self).children.first?.label ?? "\(self)" }
}
