import QuakeArchive
import QuakeCluster
import QuakeTimeline

/// How far the healing of one cluster has come: values in, what is due next out.
struct HealingProgress: Sendable, Equatable {
    /// Each leads to a later one.
    enum Step: Int, Sendable, Equatable, Comparable {
        case power, change, ready, ended

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }

    let site: HealingPlan.Site
    /// Entry → what is to be done about it next.
    private var steps: [Int: Step] = [:]
    /// Entry → why its last attempt came to nothing.
    private(set) var reasons: [Int: String] = [:]
    private(set) var outcomes: [Int: HealingOutcome] = [:]

    init(_ site: HealingPlan.Site) {
        self.site = site
        for item in site.items { steps[item.entry.id] = item.inverse.machine == nil ? .change : .power }
    }

    var open: [HealingPlan.Item] { site.items.filter { steps[$0.entry.id] != .ended } }
    var isOver: Bool { open.isEmpty }
    /// Whether nothing is left but to wait.
    var isWaiting: Bool { open.allSatisfy { steps[$0.entry.id] == .ready } }

    /// Nodes to be started, of one stage.
    func powerDue(_ stage: [[HealingPlan.Item]]) -> [[HealingPlan.Item]] {
        stage.map { $0.filter { steps[$0.entry.id] == .power } }.filter { !$0.isEmpty }
    }

    var changesDue: [HealingPlan.Item] { site.changes.filter { steps[$0.entry.id] == .change } }
    var readyDue: [HealingPlan.Item] { site.awaited.filter { steps[$0.entry.id] == .ready } }

    /// A newer change of the same object, which is undone before this one.
    func isBlocked(_ item: HealingPlan.Item) -> Bool {
        open.contains {
            $0.entry.id > item.entry.id && $0.inverse.subject == item.inverse.subject
                && steps[$0.entry.id] ?? .ended < .ready
        }
    }

    /// A part of it is done.
    ///
    /// - Returns: whether nothing is left of it.
    mutating func done(_ item: HealingPlan.Item) -> Bool {
        let id = item.entry.id
        reasons[id] = nil
        switch (steps[id] ?? .ended, item.inverse) {
        case (.power, .renewNode): steps[id] = .change
        case (.power, _), (.change, .renewNode): steps[id] = .ready
        default: end(item, .healed)
        }
        return steps[id] == .ended
    }

    mutating func end(_ item: HealingPlan.Item, _ outcome: HealingOutcome) {
        steps[item.entry.id] = .ended
        outcomes[item.entry.id] = outcome
    }

    /// An attempt that came to nothing.
    ///
    /// - Returns: whether it is the first one that failed.
    mutating func failed(_ item: HealingPlan.Item, _ why: String) -> Bool {
        reasons.updateValue(why, forKey: item.entry.id) == nil
    }
}
