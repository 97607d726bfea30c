import QuakeTimeline

extension TrialFindings {
    /// The faults as rows of a table: those that parallel steps caused share a window, and are one.
    ///
    /// In the order in which the windows began. What heals in parallel to a fault belongs to the fault's row; what heals the
    /// step's own fault, as the second half of a restart, has its own.
    package var windows: [FaultFindings] {
        let broken = Dictionary(grouping: faults.filter { !$0.isHealing }, by: \.group)
            .mapValues { Set($0.map(\.fault.step)) }
        var order: [String] = []
        var members: [String: [FaultFindings]] = [:]
        for fault in faults {
            let steps = broken[fault.group] ?? []
            let healsAlone = fault.isHealing && (steps.isEmpty || steps.contains(fault.fault.step))
            let key = "\(healsAlone)|\(fault.group)"
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(fault)
        }
        return order.compactMap { members[$0].flatMap(FaultFindings.init(sharing:)) }
    }
}

extension FaultFindings {
    /// What separates the names of steps that share a window.
    package static let separator = " + "

    /// Several faults of one window: its figures are those from the first injection, and its names all names, sorted, for
    /// parallel steps come in another order in each repeat.
    ///
    /// - Parameter faults: in the order of their injections.
    /// - Returns: `nil` for none; a single one as it is.
    init?(sharing faults: [FaultFindings]) {
        guard var shared = faults.first else { return nil }
        if faults.count > 1 {
            func joined(_ words: [String], _ separator: String = Self.separator) -> String {
                Set(words).sorted().joined(separator: separator)
            }
            shared.fault.id = joined(faults.map(\.fault.id))
            shared.fault.step = joined(faults.map(\.fault.step))
            shared.fault.action = joined(faults.map(\.fault.action), ", ")
            shared.fault.cluster = joined(faults.map(\.fault.cluster), ", ")
            shared.fault.targets = Set(faults.flatMap(\.fault.targets)).sorted()
            shared.isHealing = faults.allSatisfy(\.isHealing)
        }
        self = shared
    }
}
