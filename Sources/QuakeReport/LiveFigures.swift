package import QuakeAnalysis
import QuakePlan
package import QuakeTimeline

/// A run's figures while it goes on, for monitoring. Bounded however long that is: what is kept grows with the plan, not
/// with the trials.
package struct LiveFigures: Sendable {
    /// Slots of one kind of lane so far, and the outage under way.
    package struct LaneCount: Sendable {
        package var lane: Lane
        package var outcomes: [Outcome: Int]
        package var outage: Duration

        package init(lane: Lane, outcomes: [Outcome: Int], outage: Duration) {
            self.lane = lane
            self.outcomes = outcomes
            self.outage = outage
        }
    }

    /// What the process itself uses.
    package struct Usage: Sendable {
        package var residentBytes: Int
        package var processorSeconds: Double

        package init(residentBytes: Int, processorSeconds: Double) {
            self.residentBytes = residentBytes
            self.processorSeconds = processorSeconds
        }
    }

    private struct LastEffect: Sendable {
        var labels: [(String, String)]
        var loss: Double
        var recovery: Double
        var isCensored: Bool
    }

    private let info: RunInfo
    private var trials = Dictionary(uniqueKeysWithValues: RunVerdict.Result.allCases.map { ($0.rawValue, 0) })
    private var failures: [String: Int] = [:]
    private var last: [String: LastEffect] = [:]

    package init(_ info: RunInfo) { self.info = info }

    /// A trial is over.
    ///
    /// - Parameter findings: of this trial alone.
    package mutating func add(_ findings: Findings) {
        trials[findings.verdict.result.rawValue, default: 0] += 1
        for verdict in findings.verdicts {
            failures[verdict.claim, default: 0] += verdict.result == .fail ? 1 : 0
        }
        for trial in findings.trials {
            let cell = trial.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
            for fault in trial.faults where !fault.isHealing {
                for effect in fault.effects {
                    // By step: a composite fault's nodes differ from repeat to repeat.
                    last[[cell, fault.fault.step, effect.label].joined(separator: "|")] = LastEffect(
                        labels: [
                            ("plan", info.planName), ("peering", trial.peering), ("cell", cell),
                            ("fault", fault.fault.step), ("lane", effect.label),
                        ], loss: effect.loss.inSeconds, recovery: effect.stable.inSeconds,
                        isCensored: effect.isCensored)
                }
            }
        }
    }

    /// Everything, as it stands.
    package func families(_ lanes: [LaneCount], _ usage: Usage) -> [MetricFamily] {
        [run, results, failed] + Self.traffic(lanes, info.planName) + effects + Self.process(usage)
    }

    private var run: MetricFamily {
        var family = MetricFamily("peerquake_run", .info, help: "The run in progress.")
        family.add(
            [("run", info.id), ("plan", info.planName), ("environment", info.environment), ("seed", "\(info.seed)")], 1)
        return family
    }

    private var results: MetricFamily {
        var family = MetricFamily("peerquake_trials", .counter, help: "Trials that are over, by how they were judged.")
        for (result, count) in trials.sorted(by: { $0.key < $1.key }) {
            family.add([("plan", info.planName), ("result", result)], Double(count))
        }
        return family
    }

    private var failed: MetricFamily {
        var family = MetricFamily(
            "peerquake_expectation_failures", .counter, help: "Trials in which an expectation did not hold.")
        for (claim, count) in failures.sorted(by: { $0.key < $1.key }) {
            family.add([("plan", info.planName), ("expectation", claim)], Double(count))
        }
        return family
    }

    private static func traffic(_ lanes: [LaneCount], _ plan: String) -> [MetricFamily] {
        var slots = MetricFamily("peerquake_slots", .counter, help: "Slots by lane and outcome.")
        var outage = MetricFamily(
            "peerquake_outage_seconds", unit: "seconds", help: "Length so far of the outage that a lane has now.")
        for count in lanes {
            let lane = count.lane
            let own = [
                ("plan", plan), ("role", lane.role.rawValue), ("traffic", lane.traffic), ("from", lane.from),
                ("to", lane.to), ("peering", lane.peering?.rawValue ?? ""), ("connections", lane.mode.rawValue),
            ]
            for outcome in Outcome.allCases {
                guard let number = count.outcomes[outcome] else { continue }
                slots.add(own + [("outcome", outcome.name)], Double(number))
            }
            outage.add(own, count.outage.inSeconds)
        }
        return [slots, outage]
    }

    private var effects: [MetricFamily] {
        var loss = MetricFamily(
            "peerquake_last_fault_loss_seconds", unit: "seconds",
            help: "Bad slots of the latest such fault, times the interval.")
        var recovery = MetricFamily(
            "peerquake_last_fault_recovery_seconds", unit: "seconds",
            help: "From the latest such fault until requests stayed good.")
        var censored = MetricFamily(
            "peerquake_last_fault_recovery_censored", help: "1 where that recovery is a lower bound.")
        for (_, effect) in last.sorted(by: { $0.key < $1.key }) {
            loss.add(effect.labels, effect.loss)
            recovery.add(effect.labels, effect.recovery)
            censored.add(effect.labels, effect.isCensored ? 1 : 0)
        }
        return [loss, recovery, censored]
    }

    private static func process(_ usage: Usage) -> [MetricFamily] {
        var memory = MetricFamily(
            "process_resident_memory_bytes", unit: "bytes", help: "Resident memory of the runner.")
        memory.add([], Double(usage.residentBytes))
        var processor = MetricFamily(
            "process_cpu_seconds", .counter, unit: "seconds", help: "User and system time of the runner.")
        processor.add([], usage.processorSeconds)
        return [memory, processor]
    }
}
