/// The table of claims as Markdown: one row a sentence, with what runs of its plans showed.
package struct ClaimsPage {
    /// The runs of one environment.
    package struct Results: Sendable {
        /// `embedded` or `kind`.
        package var environment: String
        /// Plan, relative to `Plans` and without its ending → what its run showed.
        package var runs: [String: PlanEvidence]
        /// Plan → the command that ran it.
        package var commands: [String: String]

        package init(environment: String, runs: [String: PlanEvidence] = [:], commands: [String: String] = [:]) {
            self.environment = environment
            self.runs = runs
            self.commands = commands
        }
    }

    /// Plans that lie in `Plans` itself: they are shipped for other questions.
    private static let folder = "practices/"

    private let sections: [BestPractices.Section]
    private let embedded: Results
    private let kind: Results

    package init(_ sections: [BestPractices.Section] = BestPractices.sections, embedded: Results, kind: Results) {
        self.sections = sections
        self.embedded = embedded
        self.kind = kind
    }

    /// A verdict by all runs that there are: those of both environments where both were run.
    package func verdict(of claim: Claim) -> ClaimVerdict {
        guard case .measured(let measurements) = claim.test else { return .untestable }
        let found = [embedded, kind].flatMap { results in
            measurements.map { measurement in
                results.runs[measurement.plan].map { ClaimJudge($0).verdict(measurement) } ?? .notRun
            }
        }.filter { $0 != .notRun }
        guard let first = found.first, Set(measurements.map(\.plan)).isSubset(of: ran) else { return .notRun }
        if found.contains(.inconclusive) { return .inconclusive }
        return found.allSatisfy { $0 == first } ? first : .depends
    }

    private var ran: Set<String> { Set(embedded.runs.keys).union(kind.runs.keys) }

    /// The whole page, with a newline at its end.
    package func text() -> String {
        var lines = [
            "<!-- Made by: peerquake claims --table docs/claims.md -->", "# Claims of the best-practices page", "",
            "The vendor's page on best practices of multicluster peering, sentence by sentence, in our own words, and what",
            "measurements show. A plan has two sides, with the practice and without it, and is run via both peering",
            "methods. Figures are those of fresh connections (`new`); of two figures with a slash between them the first one is",
            "LoadBalancer's and the second one NodePort's. *Lost* is the share of slots in the step's window that were bad,",
            "*recovery* the time until none was any more (`>`: a lower bound), *blackout* the longest outage of at least a",
            "second. Every figure is that of the command that is listed for its plan [below](#commands).", "",
            "*Confirmed*: the figures show what the sentence says; *refuted*: they contradict it; *depends*: they do in some of",
            "the cases that it covers. *Inconclusive*: a figure is missing, or more than 10 % of a trial's slots are not",
            "trusted. The embedded clusters' timings are about ten times as fast as Kubernetes' own; shares and orders of times",
            "carry over, times do not. [docs/fidelity.md](fidelity.md) says what embedded clusters do not show.", "",
            summary(),
        ]
        for section in sections {
            lines += [
                "", "## \(section.title)", "",
                "| sentence | rule | manifest | plan | embedded | kind | verdict |", "|---|---|---|---|---|---|---|",
            ]
            lines += section.claims.map { "| " + row($0).joined(separator: " | ") + " |" }
        }
        return (lines + commandLines()).joined(separator: "\n") + "\n"
    }

    private func summary() -> String {
        let verdicts = sections.flatMap(\.claims).map(verdict)
        let parts = ClaimVerdict.allCases.compactMap { verdict in
            let count = verdicts.count { $0 == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        return "\(verdicts.count) sentences: \(parts.joined(separator: ", "))."
    }

    private func row(_ claim: Claim) -> [String] {
        let words = [claim.sentence, Self.list(claim.rules), Self.list(claim.manifests)]
        guard case .measured(let measurements) = claim.test else {
            guard case .untestable(let why) = claim.test else { return words }
            return words + ["–", "–", "–", "not testable: \(why)"]
        }
        let verdict = verdict(of: claim)
        let remarks = measurements.compactMap { measurement -> String? in
            let own = embedded.runs[measurement.plan] ?? kind.runs[measurement.plan]
            guard let own else { return nil }
            return measurement.remarks[ClaimJudge(own).verdict(measurement)]
        }
        let plans = measurements.map { "[\(Self.name($0.plan))](#\(Self.name($0.plan)))" }
        return words
            + [
                plans.joined(separator: ", "), figures(measurements, embedded), figures(measurements, kind),
                ([verdict == .confirmed || verdict == .depends ? verdict.rawValue : "**\(verdict.rawValue)**"] + remarks)
                    .joined(separator: ". "),
            ].map(Self.cell)
    }

    private func figures(_ measurements: [ClaimMeasurement], _ results: Results) -> String {
        guard measurements.contains(where: { results.runs[$0.plan] != nil }) else {
            return ClaimVerdict.notRun.rawValue
        }
        return measurements.map { measurement in
            guard let evidence = results.runs[measurement.plan] else { return ClaimVerdict.notRun.rawValue }
            let judge = ClaimJudge(evidence)
            return measurement.figures.map { figure in
                let values = figure.methods.map { judge.value(figure, via: $0)?.text ?? "?" }
                return "\(figure.name): \(values.joined(separator: " / "))"
            }.joined(separator: "; ")
        }.joined(separator: "; ")
    }

    private func commandLines() -> [String] {
        var lines = ["", "## Commands"]
        for plan in plans {
            lines += ["", "### \(Self.name(plan))", ""]
            let origin = plan.hasPrefix(Self.folder) ? "" : " It ships for another question."
            lines += ["[Plans/\(plan).yaml](../Plans/\(plan).yaml).\(origin)"]
            for results in [embedded, kind] {
                guard let evidence = results.runs[plan] else {
                    lines += ["", "On \(results.environment): not run."]
                    continue
                }
                lines += [
                    "", "On \(results.environment), exit code \(evidence.exitCode), \(evidence.trials.count) trials:",
                    "",
                    "    \(results.commands[plan] ?? "")",
                ]
            }
        }
        return lines
    }

    private var plans: [String] {
        sections.flatMap(\.claims).reduce(into: []) { found, claim in
            guard case .measured(let measurements) = claim.test else { return }
            for measurement in measurements where !found.contains(measurement.plan) { found.append(measurement.plan) }
        }
    }

    private static func name(_ plan: String) -> String { plan.split(separator: "/").last.map(String.init) ?? plan }

    private static func list(_ words: [String]) -> String {
        words.isEmpty ? "–" : words.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// Nothing in it ends the cell.
    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
