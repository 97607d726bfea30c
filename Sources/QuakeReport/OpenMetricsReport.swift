package import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// A run's figures as OpenMetrics 1.0 text, for a node exporter's textfile collector or a push gateway.
package struct OpenMetricsReport {
    private struct Family {
        var name: String
        /// The unit, which the name ends with; empty for none.
        var unit: String
        var help: String
        var points: [(labels: [(String, String)], value: Double)] = []
    }

    private let findings: Findings

    package init(_ findings: Findings) { self.findings = findings }

    /// The whole text, `# EOF` at its end.
    package func text() -> String {
        (families().filter { !$0.points.isEmpty }.flatMap(Self.lines) + ["# EOF"]).joined(separator: "\n") + "\n"
    }

    private static func lines(_ family: Family) -> [String] {
        var lines = ["# TYPE \(family.name) gauge"]
        if !family.unit.isEmpty { lines.append("# UNIT \(family.name) \(family.unit)") }
        lines.append("# HELP \(family.name) \(escaped(family.help))")
        return lines
            + family.points.map { point in
                let labels = point.labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
                return "\(family.name){\(labels)} \(point.value)"
            }
    }

    /// As the format's ABNF has it, in help and in labels alike.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    // MARK: - Figures

    private func families() -> [Family] {
        var exit = Family(name: "peerquake_run_exit_code", unit: "", help: "What the run ended with.")
        exit.points.append((run, Double(findings.exit.rawValue)))
        var verdict = Family(
            name: "peerquake_expectation_held", unit: "", help: "1 where it held, 0 where not; inconclusive is absent.")
        for item in findings.verdicts where item.result == .pass || item.result == .fail {
            verdict.points.append((run + [("expectation", item.claim)], item.result == .pass ? 1 : 0))
        }
        return [exit, verdict] + lanes() + faults()
    }

    private var run: [(String, String)] { [("plan", findings.info.planName), ("run", findings.info.id)] }

    private func labels(_ trial: TrialFindings) -> [(String, String)] {
        let cell = trial.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return run + [
            ("peering", trial.peering), ("cell", cell), ("repeat", String(trial.repeatIndex + 1)),
        ]
    }

    private func lanes() -> [Family] {
        var availability = Family(
            name: "peerquake_availability_ratio", unit: "ratio", help: "Good slots of those that count.")
        var slots = Family(name: "peerquake_slots", unit: "", help: "Slots by outcome.")
        for trial in findings.trials {
            for lane in trial.lanes where lane.lane.role == .probe {
                let own = labels(trial) + [("traffic", lane.lane.traffic), ("connections", lane.lane.mode.rawValue)]
                if let share = lane.availability { availability.points.append((own, share)) }
                for (name, count) in lane.classes.sorted(by: { $0.key < $1.key }) {
                    slots.points.append((own + [("outcome", name)], Double(count)))
                }
            }
        }
        return [availability, slots]
    }

    private func faults() -> [Family] {
        var loss = Family(
            name: "peerquake_fault_loss_seconds", unit: "seconds", help: "Bad slots of a fault, times the interval.")
        var blackout = Family(
            name: "peerquake_fault_blackout_seconds", unit: "seconds", help: "Longest outage of a fault.")
        var recovery = Family(
            name: "peerquake_fault_recovery_seconds", unit: "seconds",
            help: "From a fault until requests stay good; a lower bound where censored is true.")
        for trial in findings.trials {
            for fault in trial.faults where !fault.isHealing {
                for effect in fault.effects {
                    let own = labels(trial) + [("fault", fault.fault.id), ("lane", effect.label)]
                    loss.points.append((own, effect.loss.inSeconds))
                    blackout.points.append((own, Double(effect.blackoutNanoseconds) / 1e9))
                    recovery.points.append(
                        (own + [("censored", effect.isCensored ? "true" : "false")], effect.stable.inSeconds))
                }
            }
        }
        return [loss, blackout, recovery]
    }
}
