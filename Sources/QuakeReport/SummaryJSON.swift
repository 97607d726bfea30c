import FoundationEssentials
package import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// `summary.json`: what machines read of a run. Keys carry their units; `version` changes with their meaning.
package struct SummaryJSON: Encodable {
    private struct Effect: Encodable {
        var lane: String
        var slots: Int
        var bad: Int
        var lossMillis: Double
        var blackoutMillis: Double
        var onsetMillis: Double?
        var recoveryMillis: Double
        var recoveryIsCensored: Bool
        var latencyP99Millis: Double?
        /// On stream lanes alone.
        var messagesLost: Int?
        /// Least and most, where suspect slots could change the figure.
        var lossRangeMillis: [Double]?
        var blackoutRangeMillis: [Double]?
        var recoveryRangeMillis: [Double]?
        /// The end of that range is a lower bound.
        var recoveryRangeIsCensored: Bool?
        /// Where the moments are recorded between which the fault took effect.
        var onsetBoundsMillis: [Double]?
        var recoveryBoundsMillis: [Double]?
    }

    private struct Fault: Encodable {
        var id: String
        var step: String
        var action: String
        var targets: [String]
        /// Ids of the others, where parallel steps share a window.
        var sharesWindowWith: [String]?
        var detectionMillis: Double?
        /// Of faults of nodes, where the mesh told of tunnels before them.
        var carriedTraffic: Bool?
        var effects: [Effect]
    }

    private struct TrialSummary: Encodable {
        var index: Int
        var repeatIndex: Int
        var labels: [String: String]
        var peering: String
        var availability: [String: Double]
        var availabilityRange: [String: [Double]]?
        var suspectShare: Double
        /// Where anything was said of it.
        var suspectReasons: [String]?
        var notReady: [String]
        var faults: [Fault]
        var failedDials: Int
        /// Where a trial was cut off, nothing of it was judged.
        var judged: Bool
        var hypotheses: [HypothesisResult]
        /// Where others changed nodes.
        var disturbances: [Disturbance]?
        /// Where a step measured it.
        var propagation: [PropagationSummary]?
    }

    private struct PropagationSummary: Encodable {
        var step: String
        var cluster: String
        var change: Propagation.Change
        var direction: Propagation.Direction
        var view: String
        /// Of the changes that arrived, in their order.
        var millis: [Double]
        /// Of those that did not: how long each was waited for.
        var notBeforeMillis: [Double]
    }

    private struct Disturbance: Encodable {
        var cluster: String
        var node: String
        var change: QuakeAnalysis.Disturbance.Change
        var taints: [String]?
        /// From the trial's start.
        var atMillis: Double
        var returnedMillis: Double?
    }

    private struct Trouble: Encodable {
        var exitCode: Int32
        var trial: Int?
        var words: String
    }

    private let version = 1
    private let run: String
    private let plan: String
    private let environment: String
    private let seed: UInt64
    /// Of a run that goes on, the exit code as it would be now.
    private let exitCode: Int32
    private let state: RunState
    private let troubles: [Trouble]
    private let expectations: [ExpectationVerdict]
    private let trials: [TrialSummary]
    private let facts: [String: String]
    /// The values in force, with their origin; absent in archives of before they were kept.
    private let options: [GivenOption]?

    package init(_ findings: Findings) {
        run = findings.info.id
        plan = findings.info.planName
        environment = findings.info.environment
        seed = findings.info.seed
        exitCode = findings.exit.rawValue
        expectations = findings.verdicts
        facts = findings.info.facts
        options = findings.info.given
        state = findings.state
        troubles = findings.troubles.map { Trouble(exitCode: $0.exit.rawValue, trial: $0.trial, words: $0.words) }
        trials = findings.trials.map { trial in
            var availability: [String: Double] = [:]
            var ranges: [String: [Double]] = [:]
            for lane in trial.lanes where lane.lane.role == .probe {
                availability["\(lane.lane.traffic)/\(lane.lane.mode.rawValue)"] = lane.availability
                ranges["\(lane.lane.traffic)/\(lane.lane.mode.rawValue)"] = lane.availabilityRange.map {
                    [$0.lowerBound, $0.upperBound]
                }
            }
            return TrialSummary(
                index: trial.index, repeatIndex: trial.repeatIndex, labels: trial.labels, peering: trial.peering,
                availability: availability, availabilityRange: ranges.isEmpty ? nil : ranges,
                suspectShare: trial.suspectShare,
                suspectReasons: trial.suspectReasons.isEmpty ? nil : trial.suspectReasons, notReady: trial.notReady,
                faults: Self.faults(trial.faults.filter { !$0.isHealing }),
                failedDials: trial.failedDials.reduce(0) { $0 + $1.count }, judged: trial.isWhole,
                hypotheses: trial.hypotheses, disturbances: Self.disturbances(trial),
                propagation: Self.propagation(trial))
        }
    }

    private static func disturbances(_ trial: TrialFindings) -> [Disturbance]? {
        guard trial.isDisturbed else { return nil }
        func millis(_ at: RunInstant) -> Double { Double((at - trial.start).inNanoseconds) / 1e6 }
        return trial.disturbances.map {
            Disturbance(
                cluster: $0.cluster, node: $0.node, change: $0.change, taints: $0.taints.isEmpty ? nil : $0.taints,
                atMillis: millis($0.at), returnedMillis: $0.returned.map(millis))
        }
    }

    private static func faults(_ faults: [FaultFindings]) -> [Fault] {
        faults.map { fault in
            let others = faults.filter { $0.group == fault.group && $0.fault.id != fault.fault.id }.map(\.fault.id)
            return Self.fault(fault, sharing: others.isEmpty ? nil : others)
        }
    }

    private static func propagation(_ trial: TrialFindings) -> [PropagationSummary]? {
        guard !trial.propagation.isEmpty else { return nil }
        return trial.propagation.map { found in
            func millis(_ isCensored: Bool) -> [Double] {
                found.values.filter { $0.isCensored == isCensored }.map { Double($0.nanoseconds) / 1e6 }
            }
            return PropagationSummary(
                step: found.step, cluster: found.cluster, change: found.change, direction: found.direction,
                view: found.place, millis: millis(false), notBeforeMillis: millis(true))
        }
    }

    private static func fault(_ fault: FaultFindings, sharing others: [String]?) -> Fault {
        Fault(
            id: fault.fault.id, step: fault.fault.step, action: fault.fault.action, targets: fault.fault.targets,
            sharesWindowWith: others, detectionMillis: fault.breakdown.detection.map { Double($0) / 1e6 },
            carriedTraffic: fault.carried?.isCarrier,
            effects: fault.effects.map { effect in
                Effect(
                    lane: effect.label, slots: effect.slots, bad: effect.bad,
                    lossMillis: Double(effect.loss.inNanoseconds) / 1e6,
                    blackoutMillis: Double(effect.blackoutNanoseconds) / 1e6,
                    onsetMillis: effect.onsetNanoseconds.map { Double($0) / 1e6 },
                    recoveryMillis: Double(effect.stableNanoseconds) / 1e6, recoveryIsCensored: effect.isCensored,
                    latencyP99Millis: effect.latency.percentile(0.99).map { Double($0.inNanoseconds) / 1e6 },
                    messagesLost: effect.messagesLost, lossRangeMillis: millis(effect.lossRange),
                    blackoutRangeMillis: millis(effect.blackoutRange),
                    recoveryRangeMillis: millis(effect.recoveryRange),
                    recoveryRangeIsCensored: effect.recoveryRange.map { _ in effect.isRecoveryOpen },
                    onsetBoundsMillis: millis(fault.bounds(effect.onsetNanoseconds)),
                    recoveryBoundsMillis: effect.bad == 0 ? nil : millis(fault.bounds(effect.stableNanoseconds)))
            })
    }

    private static func millis(_ range: ClosedRange<Int64>?) -> [Double]? {
        range.map { [Double($0.lowerBound) / 1e6, Double($0.upperBound) / 1e6] }
    }

    /// Pretty-printed, keys sorted.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
