import QuakePlan
import QuakeRun
import QuakeTimeline

/// The lines that a terminal shows of a run under way, drawn again and again. Pure: what is on them follows from these values and
/// the terminal's width.
struct ProgressFrame: Sendable {
    /// Since the run began.
    var elapsed: Duration
    /// `about 2:10 left`; empty where nothing is known.
    var left: String
    /// `trial 2: NodePort, repeat 1`; empty before the first one.
    var trial: String
    var step: String
    /// How long the step takes by now.
    var inStep: Duration
    /// What is waited for in it; empty for nothing.
    var wait: String
    var lanes: [Lane]

    /// A lane as it stands.
    struct Lane: Sendable {
        var label: String
        /// Without what all lanes share.
        var shortLabel: String
        var good: Int
        var bad: Int
        /// How long the outage lasts that is under way.
        var outage: Duration
        /// Share of good slots in each of the last seconds, oldest first; `nil` where none is known.
        var recent: [Double?]
    }

    /// Below this a lane's name leaves out what all share.
    static let narrow = 60

    /// - Parameters:
    ///   - width: columns of the terminal. No line is as wide: one that wraps could not be erased.
    ///   - paint: colours a text; its codes take no column.
    func lines(width: Int, paint: (String, _ code: String) -> String) -> [String] {
        let room = max(8, width - 1)
        let times = [TimeLeft.clock(elapsed), left].filter { !$0.isEmpty }.joined(separator: ", ")
        let now = "\(step), \(inStep.components.seconds) s"
        let head = [times, trial, now].filter { !$0.isEmpty }
        var lines = ["── " + head.joined(separator: ", ")]
        if lines[0].count > room { lines = head.enumerated().map { ($0.offset == 0 ? "── " : "   ") + $0.element } }
        if !wait.isEmpty { lines.append("   \(wait)") }
        return lines.map { Self.cut($0, room) } + lanes.map { line(of: $0, room, paint) }
    }

    private func line(of lane: Lane, _ room: Int, _ paint: (String, String) -> String) -> String {
        let total = lane.good + lane.bad
        let share = total == 0 ? "–" : "\(lane.good * 1000 / total / 10).\(lane.good * 1000 / total % 10) %"
        let out = lane.outage >= .seconds(1) ? "  out \(lane.outage.components.seconds) s" : ""
        let isNarrow = room + 1 < Self.narrow
        let name = isNarrow ? lane.shortLabel : lane.label
        let label = Self.cut(name.printable(), isNarrow ? 12 : 22).padded(isNarrow ? 12 : 14)
        let head = "   \(label) \(share.leftPadded(7))"
        let left = room - head.count - out.count
        guard left >= 0 else { return Self.cut(head, room) }
        // The last seconds matter most.
        let history = left < 3 ? "" : "  " + lane.recent.suffix(left - 2).map { mark($0, paint) }.joined()
        return head + history + (out.isEmpty ? "" : paint(out, "31"))
    }

    /// The higher, the better; a second without a good slot is red, one with bad ones yellow.
    private func mark(_ share: Double?, _ paint: (String, String) -> String) -> String {
        guard let share else { return " " }
        if share >= 1 { return "█" }
        if share <= 0 { return paint("▁", "31") }
        let steps = ["▂", "▃", "▄", "▅", "▆", "▇"]
        return paint(steps[min(steps.count - 1, Int(share * Double(steps.count)))], "33")
    }

    /// A text that is too long ends with an ellipsis.
    static func cut(_ text: String, _ room: Int) -> String {
        text.count > room ? String(text.prefix(max(0, room - 1))) + "…" : text
    }
}

extension ProgressFrame.Lane {
    init(_ snapshot: LiveLanes.Snapshot) {
        self.init(
            label: snapshot.lane.label, shortLabel: "\(snapshot.lane.traffic)/\(snapshot.lane.mode.rawValue)",
            good: snapshot.good, bad: snapshot.bad, outage: snapshot.outage, recent: snapshot.recent)
    }
}

extension String {
    func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
