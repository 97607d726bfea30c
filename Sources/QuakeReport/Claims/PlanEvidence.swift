package import QuakeAnalysis
package import QuakeTimeline

/// What a run of a plan showed, as far as claims are judged by it: figures by trial, step and connection mode.
package struct PlanEvidence: Sendable, Codable, Equatable {
    /// A step's effect on one lane. Where a step injected several faults, slots are summed and the worst of the rest is kept.
    package struct Effect: Sendable, Codable, Equatable {
        package var slots = 0
        package var bad = 0
        package var blackoutMillis = 0.0
        package var recoveryMillis = 0.0
        /// The recovery is a lower bound.
        package var isCensored = false

        package init(
            slots: Int = 0, bad: Int = 0, blackoutMillis: Double = 0, recoveryMillis: Double = 0,
            isCensored: Bool = false
        ) {
            self.slots = slots
            self.bad = bad
            self.blackoutMillis = blackoutMillis
            self.recoveryMillis = recoveryMillis
            self.isCensored = isCensored
        }
    }

    /// What one trial showed.
    package struct Trial: Sendable, Codable, Equatable {
        /// Matrix values.
        package var labels: [String: String]
        /// `LoadBalancer` or `NodePort`.
        package var peering: String
        package var suspectShare = 0.0
        /// How many nodes turned NotReady.
        package var notReady = 0
        /// Step → from its fault until its node was NotReady, the longest one.
        package var detectionMillis: [String: Double] = [:]
        /// Step → the longest propagation that it measured.
        package var propagation: [String: Arrival] = [:]
        /// Step → how it ended.
        package var outcomes: [String: String] = [:]
        /// Step → connection mode → effect.
        package var effects: [String: [String: Effect]] = [:]
        /// Step → node → dials that were sent to it in the step's window: the balancer's under NodePort, else the load
        /// balancer's.
        package var dials: [String: [String: Int]] = [:]
        /// Step → the balancer's dials whose gateway was on the node that they were sent to, and those where it was not.
        package var landed: [String: Landed] = [:]

        package init(labels: [String: String], peering: String) {
            self.labels = labels
            self.peering = peering
        }
    }

    /// How long a change took to be known.
    package struct Arrival: Sendable, Codable, Equatable {
        package var millis: Double
        /// It did not arrive for so long.
        package var isCensored: Bool

        package init(millis: Double, isCensored: Bool) {
            self.millis = millis
            self.isCensored = isCensored
        }
    }

    /// Where dials ended.
    package struct Landed: Sendable, Codable, Equatable {
        package var there = 0
        package var elsewhere = 0

        package init(there: Int = 0, elsewhere: Int = 0) {
            self.there = there
            self.elsewhere = elsewhere
        }
    }

    /// The run's id.
    package var run: String
    /// `--set NAME=V` and so on, as given.
    package var overrides: [String]
    package var exitCode: Int32
    package var trials: [Trial]

    package init(run: String, overrides: [String] = [], exitCode: Int32 = 0, trials: [Trial]) {
        self.run = run
        self.overrides = overrides
        self.exitCode = exitCode
        self.trials = trials
    }

    /// - Throws: where the record of dials cannot be read.
    package init(_ findings: Findings, _ timeline: some Timeline) throws {
        run = findings.info.id
        overrides = findings.info.overrides
        exitCode = findings.exit.rawValue
        let whole = findings.trials.filter(\.isWhole)
        trials = whole.map(Self.trial)
        try timeline.forEachDial { dial in
            guard let index = whole.firstIndex(where: { $0.start <= dial.began && dial.began < $0.end }),
                let fault = whole[index].faults.last(where: { $0.window.contains(dial.began) })
            else { return }
            Self.count(dial, fault.fault.step, in: &trials[index])
        }
    }

    private static func trial(_ findings: TrialFindings) -> Trial {
        var trial = Trial(labels: findings.labels, peering: findings.peering)
        trial.suspectShare = findings.suspectShare
        trial.notReady = findings.notReady.count
        trial.outcomes = findings.outcomes.mapValues(\.rawValue)
        for found in findings.propagation {
            guard let longest = found.values.max(by: { $0.nanoseconds < $1.nanoseconds }) else { continue }
            let arrival = Arrival(millis: Double(longest.nanoseconds) / 1e6, isCensored: longest.isCensored)
            if let other = trial.propagation[found.step], other.millis >= arrival.millis { continue }
            trial.propagation[found.step] = arrival
        }
        let modes = Dictionary(
            findings.lanes.filter { $0.lane.role == .probe }.map { ($0.lane.id, $0.lane.mode.rawValue) },
            uniquingKeysWith: { first, _ in first })
        for fault in findings.faults {
            if let detection = fault.breakdown.detection.map({ Double($0) / 1e6 }) {
                trial.detectionMillis[fault.fault.step] = max(
                    trial.detectionMillis[fault.fault.step] ?? 0, detection)
            }
            for effect in fault.effects {
                guard let mode = modes[effect.lane] else { continue }
                var sum = trial.effects[fault.fault.step]?[mode] ?? Effect()
                sum.slots += effect.slots
                sum.bad += effect.bad
                sum.blackoutMillis = max(sum.blackoutMillis, Double(effect.blackoutNanoseconds) / 1e6)
                sum.recoveryMillis = max(sum.recoveryMillis, Double(effect.stableNanoseconds) / 1e6)
                sum.isCensored = sum.isCensored || effect.isCensored
                trial.effects[fault.fault.step, default: [:]][mode] = sum
            }
        }
        return trial
    }

    private static func count(_ dial: Dial<RunInstant>, _ step: String, in trial: inout Trial) {
        let isNodePort = trial.peering == "NodePort"
        guard dial.dialer == (isNodePort ? .balancer : .loadBalancer), !dial.targetNode.isEmpty else { return }
        trial.dials[step, default: [:]][dial.targetNode, default: 0] += 1
        guard isNodePort, dial.outcome == .ok, !dial.gatewayNode.isEmpty else { return }
        if dial.gatewayNode == dial.targetNode {
            trial.landed[step, default: Landed()].there += 1
        } else {
            trial.landed[step, default: Landed()].elsewhere += 1
        }
    }
}
