package import QuakeTimeline

/// A run's findings as units of comparison.
package struct FaultRepeats: Sendable, Equatable {
    /// In the order of the trials.
    package var repeats: [FaultRepeat] = []
    package var leftOut: [LeftOut] = []
    /// What was set and recorded of the run: setting → values.
    package var settings: [String: Set<String>] = [:]
    package var run: String
    package var plan: String
    /// Unix time of the run's origin in nanoseconds.
    package var startUnixNanoseconds: Int64
    package var exit: PeerquakeExit
    package var state = RunState.closed

    /// Repeats that no archive holds.
    package init(run: String, plan: String, startUnixNanoseconds: Int64 = 0, repeats: [FaultRepeat] = []) {
        self.run = run
        self.plan = plan
        self.startUnixNanoseconds = startUnixNanoseconds
        self.repeats = repeats
        exit = .pass
    }

    package init(_ findings: Findings) {
        run = findings.info.id
        plan = findings.info.planName
        startUnixNanoseconds = findings.info.originUnixNanoseconds
        exit = findings.exit
        state = findings.state
        settings = Self.settings(of: findings.info)
        let environment = RunEnvironment(findings.info)
        for trial in findings.trials {
            let trouble = findings.troubles.first { $0.trial == trial.index }
            add(trial, environment, trouble: trouble?.words)
        }
    }

    private mutating func add(_ trial: TrialFindings, _ environment: RunEnvironment, trouble: String?) {
        let cell = trial.labels.filter { $0.key != "peering" }
        let words = ([trial.peering] + cell.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
            .filter { !$0.isEmpty }.joined(separator: ", ")
        func leave(_ what: String, _ why: String) {
            leftOut.append(LeftOut(run: run, repeatIndex: trial.repeatIndex, what: what, why: why))
        }
        let faults = trial.windows.filter { !$0.isHealing }
        guard !faults.isEmpty else { return leave(words, trouble ?? "it has no fault") }
        guard trial.isWhole else { return leave(words, "it was cut off") }
        guard trial.isComparable else {
            let share = Int((trial.suspectShare * 100).rounded(.up))
            return leave(words, "the prober or the host stalled in \(share) % of its slots")
        }
        var found: [ComparisonKey: FaultRepeat] = [:]
        var order: [ComparisonKey] = []
        for fault in faults {
            for effect in fault.effects {
                let key = ComparisonKey(
                    plan: plan, step: fault.fault.step, peering: trial.peering, lane: effect.label, cell: cell,
                    versions: environment.versions, nodes: environment.nodes)
                guard effect.slots > 0 else {
                    leave(key.words, "no slot of the fault's window counts")
                    continue
                }
                let unit = FaultRepeat(effect, key: key, run: run, repeatIndex: trial.repeatIndex)
                if found[key] == nil { order.append(key) }
                found[key]?.join(unit)
                found[key] = found[key] ?? unit
            }
        }
        repeats += order.compactMap { found[$0] }
    }

    /// Facts that the runner records for each trial are gathered under one name.
    private static func settings(of info: RunInfo) -> [String: Set<String>] {
        var settings: [String: Set<String>] = [:]
        for (fact, value) in info.facts {
            let name = fact.components(upTo: " in trial ")
            settings[name, default: []].insert(value)
        }
        for (name, values) in info.settings { settings[Self.setPrefix + name, default: []].insert(values) }
        settings["environment"] = [info.environment]
        return settings
    }

    private static let setPrefix = "--set "

    /// The name that a setting of the command line gives a value to; `nil` of other facts.
    static func nameSet(_ setting: String) -> String? {
        setting.hasPrefix(setPrefix) ? String(setting.dropFirst(setPrefix.count)) : nil
    }

    /// The one value that `--set` gave to a name; `nil` for none and for several.
    func valueSet(_ name: String) -> String? {
        guard let values = settings[Self.setPrefix + name], values.count == 1, let value = values.first,
            !value.contains(",")
        else { return nil }
        return value
    }
}

extension FaultRepeat {
    init(_ effect: LaneEffect, key: ComparisonKey, run: String, repeatIndex: Int) {
        var readings: [Measure: Reading] = [
            .recovery: Reading(effect.stableNanoseconds, isCensored: effect.isCensored),
            .loss: Reading(Int64(effect.bad) * effect.periodNanoseconds),
            .blackout: Reading(effect.blackoutNanoseconds),
        ]
        if let onset = effect.onsetNanoseconds { readings[.onset] = Reading(onset) }
        if let median = effect.latency.percentile(0.5) { readings[.latencyP50] = Reading(median.inNanoseconds) }
        if let high = effect.latency.percentile(0.99) { readings[.latencyP99] = Reading(high.inNanoseconds) }
        self.init(
            key: key, run: run, repeatIndex: repeatIndex, periodNanoseconds: effect.periodNanoseconds,
            recoveryBoundsNanoseconds: effect.lastBadNanoseconds.map { effect.stableNanoseconds - $0 } ?? 0,
            slots: effect.slots, readings: readings)
    }
}

/// What of a run's facts belongs to the keys of its repeats.
struct RunEnvironment {
    var versions: [String: String] = [:]
    var nodes: [String: String] = [:]

    init(_ info: RunInfo) {
        versions["environment"] = info.environment
        for (fact, value) in info.facts {
            if fact.hasSuffix(" Kubernetes") || fact == "mesh" || fact == "mesh version" {
                versions[fact] = value
            } else if fact.hasSuffix(" nodes") {
                nodes[String(fact.dropLast(" nodes".count))] = value
            }
        }
    }
}

extension String {
    /// What stands before `separator`; all of it where that does not occur.
    fileprivate func components(upTo separator: String) -> String {
        firstRange(of: separator).map { String(self[..<$0.lowerBound]) } ?? self
    }
}
