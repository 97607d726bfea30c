import Mustache
import QuakeAnalysis
import QuakeTimeline

/// The chart as rows of inline SVG over one time axis. Each row's drawing is as wide as the run in hundredths of a
/// second, so that zooming is a change of the visible part alone; it reads without script and on paper.
struct TimelineFigure {
    let chart: Chart
    /// Unix time of the run's origin in nanoseconds.
    let origin: Int64
    /// Of the drawings, in hundredths of a second.
    let width: Int64

    init(_ chart: Chart, originUnixNanoseconds: Int64) {
        self.chart = chart
        origin = originUnixNanoseconds
        width = max(1, chart.span.length.inNanoseconds / 10_000_000)
    }

    var markup: Markup {
        let rows: [[String: Any]] = groups().map { group in
            ["name": group.name, "hasName": !group.name.isEmpty, "rows": group.rows]
        }
        return .rendered(
            Self.template,
            [
                "width": width, "ticks": ticks(), "groups": rows, "faultShade": shade { !$0.isHealing },
                "omitted": chart.omittedRows, "hasOmitted": chart.omittedRows > 0,
            ])
    }

    // MARK: - Geometry

    private func x(_ at: RunInstant) -> Int64 {
        min(width, max(0, (at.nanoseconds - chart.span.start.nanoseconds) / 10_000_000))
    }

    /// A rectangle, at least one hundredth of a second wide.
    private func box(_ interval: Interval, _ y: Int, _ height: Int) -> String {
        let (from, to) = (x(interval.start), x(interval.end))
        let length = max(1, to - from)
        return "M\(from) \(y)h\(length)v\(height)h-\(length)z"
    }

    private func shade(_ isWanted: (ChartFault) -> Bool) -> String {
        chart.faults.filter(isWanted).map { box($0.window, 0, 10) }.joined()
    }

    private func ticks() -> [[String: String]] {
        let steps: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200]
        let step = (steps.first { $0 * 700 >= width } ?? 86400) * 1_000_000_000
        var at = (chart.span.start.nanoseconds + step - 1) / step * step
        var ticks: [[String: String]] = []
        while at <= chart.span.end.nanoseconds, ticks.count < 40 {
            let share = Double(at - chart.span.start.nanoseconds) / Double(max(1, chart.span.length.inNanoseconds))
            ticks.append(["left": Figures.decimals(share * 100, 2), "text": Self.clock(at / 1_000_000_000)])
            at += step
        }
        return ticks
    }

    /// `1:02:03`, `2:03`.
    private static func clock(_ seconds: Int64) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
    }

    // MARK: - Rows

    private struct Group {
        var name: String
        var rows: [[String: Any]]
    }

    private func groups() -> [Group] {
        var groups: [Group] = []
        if !chart.faults.isEmpty { groups.append(Group(name: "Faults", rows: [faultRow()])) }
        let probes = chart.strips.enumerated().filter { !$0.element.isControl }
        let methods = Set(probes.map(\.element.peering)).sorted()
        for method in methods {
            let rows = probes.filter { $0.element.peering == method }.map { stripRow($0.offset, $0.element) }
            groups.append(Group(name: method.isEmpty ? "Lanes" : "Lanes by \(method)", rows: rows))
        }
        for group in ChartRow.Group.allCases {
            let rows = chart.rows.enumerated().filter { $0.element.group == group }
            guard !rows.isEmpty else { continue }
            groups.append(Group(name: group.rawValue, rows: rows.map { stateRow($0.offset, $0.element) }))
        }
        let controls = chart.strips.enumerated().filter { $0.element.isControl }
        if !controls.isEmpty {
            groups.append(Group(name: "Controls", rows: controls.map { stripRow($0.offset, $0.element) }))
        }
        return groups
    }

    private func row(
        _ kind: String, _ key: String, _ name: String, _ summary: String, height: Int, _ paths: [(String, String)],
        tags: [[String: String]] = []
    ) -> [String: Any] {
        [
            "kind": kind, "key": key, "name": name, "summary": summary, "height": height,
            "paths": paths.filter { !$0.1.isEmpty }.map { ["class": $0.0, "d": $0.1] }, "tags": tags,
        ]
    }

    private func faultRow() -> [String: Any] {
        let faults = chart.faults.filter { !$0.isHealing }
        let healing = chart.faults.filter(\.isHealing)
        let summary =
            "\(Figures.count(faults.count, "fault")): "
            + faults.prefix(12).map { "\($0.id), \($0.words)" }.joined(separator: "; ")
        let tags =
            chart.faults.count > 200
            ? []
            : chart.faults.map { fault -> [String: String] in
                [
                    "left": Figures.decimals(Double(x(fault.window.start)) / Double(width) * 100, 2),
                    "width": Figures.decimals(
                        Double(x(fault.window.end) - x(fault.window.start)) / Double(width) * 100, 2),
                    "from": "\(x(fault.window.start))", "to": "\(x(fault.window.end))", "text": fault.id,
                    "class": fault.isHealing ? "healing" : "fault",
                ]
            }
        return row(
            "faults", "f0", "fault windows", summary, height: 22,
            [
                ("healing", healing.map { box($0.window, 0, 22) }.joined()),
                ("fault", faults.map { box($0.window, 0, 22) }.joined()),
            ], tags: tags)
    }

    private func stateRow(_ index: Int, _ row: ChartRow) -> [String: Any] {
        var paths: [ChartRow.State: String] = [:]
        for span in row.spans {
            // Worse ones are higher too, for those who see no colours.
            let (top, height) =
                switch span.state {
                case .good: (5, 4)
                case .changing: (2, 10)
                case .bad: (0, 14)
                case .gone: (7, 1)
                }
            paths[span.state, default: ""] += box(span.interval, top, height)
        }
        let changes = row.spans.dropFirst().prefix(8).map {
            "\(Figures.duration($0.interval.start.nanoseconds)): \($0.words)"
        }
        let summary = ([row.spans.first?.words ?? ""] + changes).joined(separator: "; ")
        let states: [ChartRow.State] = [.gone, .good, .changing, .bad]
        return self.row(
            "state", "r\(index)", row.name, summary, height: 14, states.map { ("s-\($0.rawValue)", paths[$0] ?? "") })
    }

    private func stripRow(_ index: Int, _ strip: Strip) -> [String: Any] {
        var paths: [String: String] = [:]
        var (good, bad) = (0, 0)
        for segment in strip.segments {
            good += segment.good
            bad += segment.bad
            let height =
                switch segment.kind {
                case .good: 6
                case .brownout: 8 + Int((segment.badShare * 10).rounded())
                case .blackout: 22
                case .excluded: 3
                }
            paths[segment.kind.rawValue, default: ""] += box(segment.interval, 22 - height, height)
            guard segment.slowest > 0 else { continue }
            paths["latency", default: ""] += box(
                segment.interval, 38 - Self.level(segment.slowest), Self.level(segment.slowest))
        }
        let share = good + bad == 0 ? nil : Double(good) / Double(good + bad)
        let order = ["latency", "good", "excluded", "brownout", "blackout"]
        return row(
            "strip", "l\(index)", strip.name, "\(Figures.share(share)) of slots good, \(bad) bad", height: 38,
            order.map { ("k-\($0)", paths[$0] ?? "") })
    }

    /// 1 at a millisecond or less, 13 at a second or more, logarithmic between.
    private static func level(_ nanoseconds: Int64) -> Int {
        var (level, bound) = (1, Int64(1_000_000))
        // Each level is a factor of 10^(1/4).
        while level < 13, nanoseconds > bound {
            bound = Int64(Double(bound) * 1.778279410038923)
            level += 1
        }
        return level
    }

    private static let template = MustacheTemplate.fixed(
        """
        <div class="timeline" id="chart" data-width="{{width}}">
        <div class="controls screen" role="toolbar" aria-label="Timeline">
        <button type="button" data-do="in">Zoom in</button><button type="button" data-do="out">Zoom out</button>\
        <button type="button" data-do="all">Whole run</button><button type="button" data-do="before">Previous fault</button>\
        <button type="button" data-do="next">Next fault</button>
        <span class="range muted" id="range"></span></div>
        <ul class="legend" aria-label="Legend"><li><i class="k-good"></i>good</li><li><i class="k-brownout"></i>brownout</li>\
        <li><i class="k-blackout"></i>blackout, a second or more</li><li><i class="k-excluded"></i>prober’s own failure</li>\
        <li><i class="k-latency"></i>slowest good answer, 1 ms to 1 s</li><li><i class="fault"></i>fault’s window</li></ul>
        <div class="rows" id="rows" tabindex="0" role="group" aria-describedby="keys" \
        aria-label="Timeline: faults, lanes, nodes, gateways, endpoints and target sets over time">
        <div class="shades" aria-hidden="true"><svg viewBox="0 0 {{width}} 10" preserveAspectRatio="none">\
        <path class="shade" d="{{faultShade}}"/></svg><div class="cursor" hidden></div><div class="selection" hidden></div></div>
        <div class="row axis"><div class="label"></div><div class="plot" id="ticks" aria-hidden="true">{{#ticks}}\
        <span style="left:{{left}}%">{{text}}</span>{{/ticks}}</div></div>
        {{#groups}}
        {{#hasName}}<h3>{{name}}</h3>{{/hasName}}
        {{#rows}}
        <div class="row {{kind}}" data-key="{{key}}"><div class="label">{{name}}</div><div class="plot">\
        <svg role="img" aria-label="{{name}}: {{summary}}" viewBox="0 0 {{width}} {{height}}" preserveAspectRatio="none" \
        style="height:{{height}}px">{{#paths}}<path class="{{class}}" d="{{d}}"/>{{/paths}}</svg>\
        {{#tags}}<span class="tag {{class}}" aria-hidden="true" data-from="{{from}}" data-to="{{to}}" style="left:{{left}}%;width:{{width}}%">{{text}}</span>{{/tags}}\
        </div></div>
        {{/rows}}
        {{/groups}}
        </div>
        <div class="tip screen" id="tip" hidden></div>
        <p class="note screen" id="keys">Drag to zoom in, double-click for the whole run. Keys: arrows move the cursor, \
        + and − zoom, 0 shows the whole run, n and p go to the next and the previous fault. Every moment has its own link \
        under Moments.</p>
        <p class="screen readout" id="readout" role="status" aria-live="polite"></p>
        {{#hasOmitted}}<p class="note">{{omitted}} rows that changed least are left out.</p>{{/hasOmitted}}
        </div>
        """)
}
