/// How long a run of a plan goes on yet: by the plan's own length (``Plan/expectedLength``), and by what its trials took more.
package struct TimeLeft: Sendable {
    /// Of each trial, in order.
    private let lengths: [Duration]
    /// The trial under way, and when it began.
    private var current: (index: Int, began: Duration)?
    /// What the trials that are over took more than the plan says, all together.
    private var overrun = Duration.zero
    private var finished = 0

    package init(_ plan: Plan) {
        lengths = plan.trials.map { plan.cells[$0.cell].expectedLength }
    }

    /// A trial begins.
    ///
    /// - Parameter moment: since the run's origin, as all moments here.
    package mutating func began(trial: Int, at moment: Duration) {
        if lengths.indices.contains(trial) { current = (trial, moment) }
    }

    /// The trial under way is over.
    package mutating func ended(at moment: Duration) {
        guard let current else { return }
        overrun += moment - current.began - lengths[current.index]
        finished += 1
        self.current = nil
        next = current.index + 1
    }

    /// The first trial that has not begun, where none is under way.
    private var next = 0

    /// How long the run goes on; zero where the last trial takes longer than could be told.
    package func left(at moment: Duration) -> Duration {
        let extra = finished == 0 ? .zero : max(.zero, overrun / finished)
        let rest = lengths[min(current.map { $0.index + 1 } ?? next, lengths.count)...]
        let future = rest.reduce(Duration.zero) { $0 + $1 + extra }
        guard let current else { return future }
        return future + max(.zero, lengths[current.index] + extra - (moment - current.began))
    }

    /// `at least 2:10 left` by the plan alone, `about 2:10 left` once a trial has shown what waits add, and what is to be said
    /// where neither holds any more.
    package func words(at moment: Duration) -> String {
        let left = left(at: moment)
        if left < .seconds(1) { return "longer than its plan says" }
        return "\(finished == 0 ? "at least" : "about") \(Self.clock(left)) left"
    }

    /// `7:05`, `1:07:05`: hours, minutes and seconds.
    package static func clock(_ length: Duration) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = max(0, length.components.seconds)
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":\(two(seconds % 60))"
    }
}
