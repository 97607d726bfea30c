import QuakeAnalysis
import QuakePlan
import QuakeTimeline

extension HTMLReport {
    /// Rows of a table at most: a soak of days repeats its faults thousands of times.
    private static let most = 600

    private static func limited(_ table: HTMLTable) -> Markup {
        guard table.rows.count > most else { return table.isEmpty ? Markup(trusted: "") : table.markup }
        var cut = table
        cut.rows = Array(table.rows.prefix(most))
        return cut.markup + note(more(table.rows.count - most, "row"))
    }

    /// What is left out of a table.
    private static func more(_ count: Int, _ noun: String = "") -> String {
        let words = noun.isEmpty ? "" : count == 1 ? " \(noun)" : " \(noun)s"
        return "\(count) more\(words) \(count == 1 ? "is" : "are") in the archive."
    }

    private static func note(_ words: String) -> Markup {
        Markup(trusted: "<p class=\"note\">\(Markup.escaped(words))</p>")
    }

    private static func columns(_ words: [String], numbersFrom first: Int) -> [HTMLTable.Column] {
        words.enumerated().map { HTMLTable.Column($1, isNumber: $0 >= first) }
    }

    // MARK: - Why it took so long

    func breakdowns() -> Markup {
        var table = HTMLTable(
            "When, after the fault, each part noticed (h: health check out, n: node NotReady, e: endpoint withdrawn, "
                + "b: balancer dropped it, r: replacement ready), and when each lane was back to normal",
            [.init("fault"), .init("trial"), .init("targets"), .init("order of events")]
                + Self.columns(
                    [
                        "health check", "NotReady", "endpoint", "balancer", "replaced",
                    ],
                    numbersFrom: 0) + [.init("lanes stable")])
        for trial in findings.trials {
            for fault in trial.faults where !fault.isHealing {
                let parts = fault.breakdown
                let stable = fault.effects.map { "\($0.label) \(Self.recovery($0))" }
                table.add(
                    [
                        .link(fault.fault.id, to: Self.anchor(fault.at)), .text(title(trial)),
                        Self.targets(fault), .init(Self.sequence(fault)),
                    ]
                        + [
                            parts.healthCheckOut, parts.detection, parts.endpointWithdrawn, parts.balancerDropped,
                            parts.endpointReplaced,
                        ].map { .text($0.map(Figures.duration) ?? "–") }
                        + [
                            .init(
                                Markup(
                                    trusted: stable.map { "<span class=\"line\">\(Markup.escaped($0))</span>" }.joined()
                                ))
                        ])
            }
        }
        return Self.limited(table) + redials()
    }

    /// With what they carried, where that is known.
    private static func targets(_ fault: FaultFindings) -> HTMLTable.Cell {
        let carried = fault.carried.map { "<small>\(Markup.escaped($0.words))</small>" } ?? ""
        return .init(.text(fault.fault.targets.joined(separator: ", ")) + Markup(trusted: carried))
    }

    /// A line from the fault to the last thing that happened, with a mark for each.
    private static func sequence(_ fault: FaultFindings) -> Markup {
        let parts: [(String, Int64?, String)] = [
            ("health check out", fault.breakdown.healthCheckOut, "h"),
            ("node NotReady", fault.breakdown.detection, "n"),
            ("endpoint withdrawn", fault.breakdown.endpointWithdrawn, "e"),
            ("balancer dropped it", fault.breakdown.balancerDropped, "b"),
            ("replacement ready", fault.breakdown.endpointReplaced, "r"),
        ]
        let marks = parts.compactMap { words, at, letter in at.map { (words, $0, letter) } }.sorted { $0.1 < $1.1 }
        let worst = fault.effects.filter { $0.bad > 0 }.map(\.stableNanoseconds).max() ?? 0
        guard let end = ([worst] + marks.map(\.1)).max(), end > 0 else { return .text("–") }
        func x(_ at: Int64) -> String { Figures.decimals(4 + Double(at) / Double(end) * 142, 1) }
        var svg = "<line x1=\"4\" x2=\"146\" y1=\"16\" y2=\"16\"/>"
        if worst > 0 {
            svg +=
                "<rect x=\"4\" y=\"13\" width=\"\(Figures.decimals(Double(worst) / Double(end) * 142, 1))\" height=\"6\"/>"
        }
        var last = -20.0
        for (_, at, letter) in marks {
            let place = 4 + Double(at) / Double(end) * 142
            svg += "<line class=\"mark\" x1=\"\(x(at))\" x2=\"\(x(at))\" y1=\"10\" y2=\"22\"/>"
            guard place - last > 9 else { continue }
            last = place
            svg += "<text x=\"\(x(at))\" y=\"8\">\(letter)</text>"
        }
        let words =
            marks.map { "\($0.0) +\(Figures.duration($0.1))" }
            + (worst > 0 ? ["impaired until +\(Figures.duration(worst))"] : [])
        let label = Markup.escaped(words.joined(separator: ", "))
        return Markup(
            trusted:
                "<svg class=\"sequence\" role=\"img\" aria-label=\"\(label)\" width=\"150\" height=\"24\" viewBox=\"0 0 150 24\">"
                + "<title>\(label)</title>\(svg)</svg>")
    }

    private func redials() -> Markup {
        var table = HTMLTable(
            "Pinned connections that were lost, and the redials that healed them",
            [.init("lane"), .init("trial"), .init("fault"), .init("reason")]
                + Self.columns(["connection", "lost", "healed", "dials"], numbersFrom: 0))
        for trial in findings.trials {
            for fault in trial.windows {
                for effect in fault.effects {
                    for redial in effect.redials {
                        table.add([
                            .text(effect.label), .text(title(trial)), .link(fault.fault.id, to: Self.anchor(fault.at)),
                            .text(redial.reason), .text("\(redial.connection)"),
                            .link(
                                "+\(Figures.duration(redial.lostNanoseconds))",
                                to: Self.anchor(fault.at + .nanoseconds(redial.lostNanoseconds))),
                            .text(redial.healedNanoseconds.map { "+\(Figures.duration($0))" } ?? "not healed"),
                            .text("\(redial.dials)"),
                        ])
                    }
                }
            }
        }
        guard !table.isEmpty else { return Markup(trusted: "") }
        return Fold.markup("Lost pinned connections (\(table.rows.count))", Self.limited(table))
    }

    // MARK: - Propagation

    func propagation() -> Markup {
        var table = HTMLTable(
            "From each change that was made for it until its view showed it",
            [.init("trial")]
                + PropagationRow.titles.enumerated().map {
                    HTMLTable.Column($1, isNumber: $0 >= PropagationRow.firstFigure)
                })
        for trial in findings.trials {
            for row in PropagationRow.collect([trial]) {
                table.add([.text(title(trial))] + row.cells.map { .text($0) })
            }
        }
        return Self.limited(table)
    }

    // MARK: - Failed dials

    func dials() -> Markup {
        var table = HTMLTable(
            "Tunnels that the balancer, and connections that the load balancer, could not open",
            [.init("target"), .init("by"), .init("trial"), .init("class"), .init("errno")]
                + Self.columns(["count", "longest"], numbersFrom: 0))
        for trial in findings.trials {
            for group in trial.failedDials {
                let target = group.targetNode.isEmpty ? group.targetAddress : group.targetNode
                let address = group.targetNode.isEmpty ? "" : "<small>\(Markup.escaped(group.targetAddress))</small>"
                table.add([
                    .init(.text(target.isEmpty ? "(none)" : target) + Markup(trusted: address)), .text(group.dialer),
                    .text(title(trial)), .text("\(group.outcome), \(group.phase)"), .text(ErrnoName.text(group.errno)),
                    .text("\(group.count)"), .text(Figures.duration(Int64(group.longestMillis * 1e6))),
                ])
            }
        }
        let all = findings.trials.reduce(0) { $0 + $1.dials }
        let failed = findings.trials.flatMap(\.failedDials).reduce(0) { $0 + $1.count }
        guard all > 0 else { return Markup(trusted: "") }
        return Self.note("\(failed) of \(all) dials failed.") + Self.limited(table)
    }

    // MARK: - Proxies

    func proxyFailures() -> Markup {
        var table = HTMLTable(
            "Connections that the mesh’s own proxies ended with an error, by their access logs",
            [.init("hop"), .init("error"), .init("target"), .init("trial"), .init("lanes")]
                + Self.columns(["count", "longest"], numbersFrom: 0))
        for trial in findings.trials {
            for group in trial.proxyFailures {
                let lanes = group.lanes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                table.add([
                    .text(group.hop.rawValue), .text(group.error.printable()), .text(group.target), .text(title(trial)),
                    .text(lanes.joined(separator: ", ")), .text("\(group.count)"),
                    .text(Figures.duration(Int64(group.longestMillis * 1e6))),
                ])
            }
        }
        return table.isEmpty ? Markup(trusted: "") : Self.limited(table)
    }

    // MARK: - Latency

    func latency() -> Markup {
        var table = HTMLTable(
            "Good answers’ latency: median, p99 and slowest, each before the fault, until the lane was stable, and after",
            [.init("fault"), .init("lane"), .init("trial")]
                + Self.columns(["before", "during", "after"].flatMap { ["\($0) p50", "p99", "most"] }, numbersFrom: 0))
        for phase in latencies {
            guard let trial = findings.trials.first(where: { $0.index == phase.trial }) else { continue }
            let figures = [phase.before, phase.during, phase.after].flatMap { histogram -> [HTMLTable.Cell] in
                [
                    .text(Figures.duration(histogram.percentile(0.5))),
                    .text(Figures.duration(histogram.percentile(0.99))),
                    .text(histogram.count == 0 ? "–" : Figures.duration(histogram.maximum)),
                ]
            }
            table.add([.text(phase.fault), .text(phase.label), .text(title(trial))] + figures)
        }
        return Self.limited(table)
    }

    // MARK: - Errors

    func errors() -> Markup {
        var table = HTMLTable(
            "Slots that were not good, by class",
            [.init("class"), .init("lane"), .init("trial"), .init("slots", isNumber: true), .init("for example")])
        for trial in findings.trials {
            for lane in trial.lanes {
                let name =
                    lane.lane.role == .probe
                    ? "\(lane.lane.traffic)/\(lane.lane.mode.rawValue)" : "control: \(lane.lane.role.rawValue)"
                for (kind, count) in lane.classes.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) })
                where kind != Outcome.ok.name {
                    let texts = (lane.texts[kind] ?? []).map {
                        "<code>\(Markup.escaped(String($0.prefix(300))))</code>"
                    }
                    table.add([
                        .text(kind), .text(name), .text(title(trial)), .text("\(count)"),
                        .init(Markup(trusted: texts.joined(separator: "<br>"))),
                    ])
                }
            }
        }
        return table.isEmpty ? Self.note("Every slot was answered well.") : Self.limited(table)
    }

    // MARK: - What was asked for

    func expectations() -> Markup {
        var table = HTMLTable(
            "The plan’s expectations; the worst lane, trial and repeat decides",
            [.init("expectation"), .init("verdict"), .init("worst"), .init("values", isNumber: true)])
        for verdict in findings.verdicts {
            table.add([
                .link(verdict.claim, to: "#plan-\(verdict.line)"),
                .text(verdict.result.rawValue, tone: verdict.result.tone.ofCell),
                .text(verdict.worst), .text("\(verdict.selected)"),
            ])
        }
        return Self.limited(table)
    }

    // MARK: - The record

    func moments() -> Markup {
        guard !chart.moments.isEmpty else { return Markup(trusted: "") }
        var table = HTMLTable(
            "What happened, in order; each time leads to its place in the timeline",
            [.init("at", isNumber: true), .init("kind"), .init("what")])
        for moment in chart.moments {
            table.add([
                .link(Figures.duration(moment.at.nanoseconds), to: Self.anchor(moment.at)), .text(moment.kind.rawValue),
                .text(moment.words),
            ])
        }
        let rest =
            chart.omittedMoments > 0
            ? Self.note(Self.more(chart.omittedMoments)) : Markup(trusted: "")
        return Fold.markup(Figures.count(chart.moments.count, "moment"), table.markup + rest)
    }

    func evidenceTexts() -> Markup {
        let notes =
            findings.remarks.isEmpty
            ? Markup(trusted: "")
            : Markup(
                trusted: "<ul>\(findings.remarks.prefix(200).map { "<li>\(Markup.escaped($0))</li>" }.joined())</ul>")
        return evidence.reduce(notes) { $0 + Fold.markup("\($1.about) (\($1.file))", Fold.verbatim($1.text)) }
    }

    func environment() -> Markup {
        var facts: [(String, String)] = [("environment", findings.info.environment)]
        facts += findings.info.facts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        if !findings.info.overrides.isEmpty { facts.append(("given", findings.info.overrides.joined(separator: " "))) }
        let lanes = Dictionary(grouping: findings.trials.flatMap(\.lanes)) {
            "\($0.lane.traffic)/\($0.lane.mode.rawValue)"
        }
        for (name, group) in lanes.sorted(by: { $0.key < $1.key }) {
            guard let lane = group.first?.lane else { continue }
            facts.append(
                (
                    "lane \(name)",
                    "\(lane.from) to \(lane.to), a slot every \(Figures.duration(lane.periodNanoseconds)), deadline "
                        + "\(Figures.duration(lane.deadlineNanoseconds)), time-out \(Figures.duration(lane.timeoutNanoseconds))"
                ))
        }
        let items = facts.map { "<dt>\(Markup.escaped($0.0))</dt><dd>\(Markup.escaped($0.1))</dd>" }
        let note = TunnelNote.text(findings.info.facts).map { "<p class=\"note\">\(Markup.escaped($0))</p>" } ?? ""
        return Markup(trusted: "<dl>\(items.joined())</dl>\(note)")
    }

    func plan() -> Markup {
        guard !findings.info.planSource.isEmpty else { return Markup(trusted: "") }
        let lines = findings.info.planSource.split(separator: "\n", omittingEmptySubsequences: false)
        let numbered = lines.enumerated().map { index, line in
            "<span id=\"plan-\(index + 1)\">\(Markup.escaped(String(line)))</span>"
        }
        return Markup(trusted: "<pre class=\"plan\" tabindex=\"0\">\(numbered.joined(separator: "\n"))</pre>")
    }
}
