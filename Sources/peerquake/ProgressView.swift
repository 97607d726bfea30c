import FoundationEssentials
import QuakeRun
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
        var step = "starting"
        var since = ContinuousClock.now
        var drawn = 0
    }

    private let isLive: Bool
    private let color: Bool
    private let lanes: LiveLanes
    private let state = Mutex(State())
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ lanes: LiveLanes, environment: [String: String]) {
        self.lanes = lanes
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
        guard let line = Self.words(of: event.what) else { return }
        let stamp = Self.stamp(event.at)
        state.withLock { state in
            if isLive { erase(&state) }
            complain("\(stamp)  \(line)")
            if let step = Self.step(of: event.what) {
                state.step = step
                state.since = .now
            }
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
            let text = labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "trial: \(text.isEmpty ? "one cell" : text), repeat \(repeatIndex + 1)"
        case .hypothesis(let result):
            return
                "\(result.moment == .before ? "before" : "after"): \(result.held ? "clean" : "NOT CLEAN"), \(result.detail)"
        case .stepStarted(let step, let action): return step == action ? step : "\(step): \(action)"
        case .stepFinished(let step, let outcome, let detail):
            return outcome == "finished" ? nil : "\(step): \(outcome). \(detail)"
        case .targetsResolved(let step, let cluster, let targets):
            return "\(step) on \(cluster): \(targets.joined(separator: ", "))"
        case .conditionMet(let step, let condition, let millis):
            return "\(step): \(condition) after \(Double(millis / 10) / 100) s"
        case .conditionUnmet(let step, let condition, let seen): return "\(step): \(condition) NOT MET, \(seen)"
        case .nodeReady(_, let node, let status) where status != .ready: return "\(node) is NotReady"
        case .loadBalancerHealth(_, let node, let healthy) where !healthy: return "health check: \(node) is out"
        case .healed(_, let inverse, let outcome): return "healed: \(inverse) (\(outcome))"
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
            var lines = ["── \(state.step), \(seconds) s"]
            for lane in snapshots {
                let marks = lane.recent.map { $0 ? "▇" : paint("▁", "31") }.joined()
                let total = lane.good + lane.bad
                let share = total == 0 ? "–" : "\(lane.good * 1000 / total / 10).\(lane.good * 1000 / total % 10) %"
                let out = lane.outage > .zero ? paint("  out \(lane.outage.components.seconds) s", "31") : ""
                lines.append("   \(lane.lane.label.padded(14)) \(share.padded(8)) \(marks)\(out)")
            }
            Self.put(lines.joined(separator: "\n") + "\n")
            state.drawn = lines.count
        }
    }

    private func paint(_ text: String, _ code: String) -> String { color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    private static func put(_ text: String) { text.withCString { _ = write(2, $0, strlen($0)) } }
}

extension String {
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
