import QuakeAnalysis
import QuakeTimeline

extension TimelineFigure {
    /// What the script tells of each place, as JSON of arrays of whole numbers; moments in hundredths of a second from
    /// the chart's beginning, latencies in microseconds, words as indices.
    ///
    ///     {"start": s, "unix": ms, "width": w, "words": […], "faults": [[from, to, word]…],
    ///      "rows": [{"name", "spans": [from, to, state, word, …]}…],
    ///      "strips": [{"name", "segments": [from, length, good, bad, excluded, slowest, …]}…]}
    var data: String { TimelineData(self).text }
}

private struct TimelineData {
    private let chart: Chart
    private let origin: Int64
    private let width: Int64
    private var words: [String] = []
    private var known: [String: Int] = [:]

    init(_ figure: TimelineFigure) { (chart, origin, width) = (figure.chart, figure.origin, figure.width) }

    var text: String {
        var writer = self
        return writer.written()
    }

    private mutating func written() -> String {
        let faults = chart.faults.map { fault in
            "[\(x(fault.window.start)),\(x(fault.window.end)),\(word("\(fault.id): \(fault.words)")),\(fault.isHealing ? 1 : 0)]"
        }
        let rows = chart.rows.map { row in
            let spans = row.spans.map { "\(x($0.interval.start)),\(x($0.interval.end)),\(word($0.words))" }
            return
                "{\"name\":\(Self.quoted("\(row.group.rawValue), \(row.name)")),\"spans\":[\(spans.joined(separator: ","))]}"
        }
        let strips = chart.strips.map { strip in
            let name = strip.peering.isEmpty ? strip.name : "\(strip.name) by \(strip.peering)"
            let segments = strip.segments.map { item in
                "\(x(item.interval.start)),\(x(item.interval.end)),\(item.good),\(item.bad),\(item.excluded),\(item.slowest / 1000)"
            }
            return "{\"name\":\(Self.quoted(name)),\"segments\":[\(segments.joined(separator: ","))]}"
        }
        return
            "{\"start\":\(chart.span.start.nanoseconds / 10_000_000),\"unix\":\(origin / 1_000_000),\"width\":\(width),"
            + "\"faults\":[\(faults.joined(separator: ","))],\"rows\":[\(rows.joined(separator: ","))],"
            + "\"strips\":[\(strips.joined(separator: ","))],\"words\":[\(words.map(Self.quoted).joined(separator: ","))]}"
    }

    private func x(_ at: RunInstant) -> Int64 {
        min(width, max(0, (at.nanoseconds - chart.span.start.nanoseconds) / 10_000_000))
    }

    private mutating func word(_ text: String) -> Int {
        if let index = known[text] { return index }
        known[text] = words.count
        words.append(text)
        return words.count - 1
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{2028}", "\u{2029}": result += " "
            case _ where scalar.value < 0x20: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
