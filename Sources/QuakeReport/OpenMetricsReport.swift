package import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// A run's figures as OpenMetrics or Prometheus text, for a node exporter's textfile collector or a push gateway.
package struct OpenMetricsReport {
    private let findings: Findings

    package init(_ findings: Findings) { self.findings = findings }

    /// The whole text.
    package func text(_ format: MetricFormat = .openMetrics) -> String { format.text(families()) }

    // MARK: - Figures

    private func families() -> [MetricFamily] {
        var exit = MetricFamily("peerquake_run_exit_code", help: "What the run ended with.")
        exit.add(run, Double(findings.exit.rawValue))
        var verdict = MetricFamily(
            "peerquake_expectation_held", help: "1 where it held, 0 where not; inconclusive is absent.")
        for item in findings.verdicts where item.result == .pass || item.result == .fail {
            verdict.add(run + [("expectation", item.claim)], item.result == .pass ? 1 : 0)
        }
        return [exit, verdict] + lanes() + faults() + propagation()
    }

    private var run: [(String, String)] { [("plan", findings.info.planName), ("run", findings.info.id)] }

    private func labels(_ trial: TrialFindings) -> [(String, String)] {
        let cell = trial.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return run + [
            ("peering", trial.peering), ("cell", cell), ("repeat", String(trial.repeatIndex + 1)),
        ]
    }

    private func lanes() -> [MetricFamily] {
        var availability = MetricFamily(
            "peerquake_availability_ratio", unit: "ratio", help: "Good slots of those that count.")
        var slots = MetricFamily("peerquake_slots", help: "Slots by outcome.")
        for trial in findings.trials {
            for lane in trial.lanes where lane.lane.role == .probe {
                let own = labels(trial) + [("traffic", lane.lane.traffic), ("connections", lane.lane.mode.rawValue)]
                if let share = lane.availability { availability.add(own, share) }
                for (name, count) in lane.classes.sorted(by: { $0.key < $1.key }) {
                    slots.add(own + [("outcome", name)], Double(count))
                }
            }
        }
        return [availability, slots]
    }

    private func faults() -> [MetricFamily] {
        var loss = MetricFamily(
            "peerquake_fault_loss_seconds", unit: "seconds", help: "Bad slots of a fault, times the interval.")
        var blackout = MetricFamily(
            "peerquake_fault_blackout_seconds", unit: "seconds", help: "Longest outage of a fault.")
        var recovery = MetricFamily(
            "peerquake_fault_recovery_seconds", unit: "seconds",
            help: "From a fault until requests stay good; a lower bound where censored is true.")
        for trial in findings.trials {
            for fault in trial.faults where !fault.isHealing {
                for effect in fault.effects {
                    let own = labels(trial) + [("fault", fault.fault.id), ("lane", effect.label)]
                    loss.add(own, effect.loss.inSeconds)
                    blackout.add(own, Double(effect.blackoutNanoseconds) / 1e9)
                    recovery.add(own + [("censored", effect.isCensored ? "true" : "false")], effect.stable.inSeconds)
                }
            }
        }
        return [loss, blackout, recovery]
    }

    private func propagation() -> [MetricFamily] {
        var longest = MetricFamily(
            "peerquake_propagation_seconds", unit: "seconds",
            help: "Longest time from a change until it was known; a lower bound where censored is true.")
        var missed = MetricFamily("peerquake_propagation_missed", help: "Changes that were not known in time.")
        for trial in findings.trials {
            for found in trial.propagation {
                let own =
                    labels(trial) + [
                        ("step", found.step), ("change", found.change.rawValue),
                        ("direction", found.direction.rawValue), ("view", found.place),
                    ]
                missed.add(own, Double(found.missed))
                guard let most = found.longest else { continue }
                longest.add(
                    own + [("censored", most.isCensored ? "true" : "false")], Double(most.nanoseconds) / 1e9)
            }
        }
        return [longest, missed]
    }
}
