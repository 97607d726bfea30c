/// Figures of one name, as monitoring systems read them.
package struct MetricFamily: Sendable {
    /// What kind of figure it is, as OpenMetrics names it.
    package enum Kind: String, Sendable {
        case gauge, counter
        /// Facts as labels; the value is always 1.
        case info
    }

    /// One figure.
    package struct Point: Sendable {
        package var labels: [(name: String, value: String)]
        package var value: Double
    }

    /// Without the suffix that its kind gives it.
    package var name: String
    package var kind: Kind
    /// The unit, which the name ends with; empty for none.
    package var unit: String
    package var help: String
    package var points: [Point] = []

    package init(_ name: String, _ kind: Kind = .gauge, unit: String = "", help: String) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.help = help
    }

    /// Adds a figure; labels keep their order.
    package mutating func add(_ labels: [(String, String)], _ value: Double) {
        points.append(Point(labels: labels, value: value))
    }
}

/// The text formats that figures are served in.
package enum MetricFormat: Sendable {
    /// OpenMetrics 1.0.0.
    case openMetrics
    /// Prometheus' own, 0.0.4.
    case prometheus

    package var contentType: String {
        switch self {
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// The one that an `Accept` field prefers (RFC 9110, section 12.5.1): OpenMetrics where it is asked for by name, at
    /// version 1.0.0 or any, and not less than plain text.
    package static func accepted(_ field: String) -> MetricFormat {
        var best: [String: Double] = [:]
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
            }
            guard let type = parts.first else { continue }
            let version = parts.dropFirst().first { $0.hasPrefix("version=") }?.dropFirst("version=".count)
            if type == "application/openmetrics-text", let version, version != "1.0.0" { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            best[type] = max(best[type] ?? 0, quality)
        }
        let plain = best["text/plain"] ?? best["text/*"] ?? best["*/*"] ?? 0
        guard let open = best["application/openmetrics-text"], open > 0, open >= plain else { return .prometheus }
        return .openMetrics
    }

    /// The whole text, with a newline at its end. Families without a figure are left out.
    package func text(_ families: [MetricFamily]) -> String {
        var lines = families.filter { !$0.points.isEmpty }.flatMap(lines)
        if self == .openMetrics { lines.append("# EOF") }
        return lines.map { $0 + "\n" }.joined()
    }

    private func lines(_ family: MetricFamily) -> [String] {
        let suffix =
            switch family.kind {
            case .gauge: ""
            case .counter: "_total"
            case .info: "_info"
            }
        let sample = family.name + suffix
        var lines: [String]
        switch self {
        case .openMetrics:
            lines = ["# TYPE \(family.name) \(family.kind.rawValue)"]
            if !family.unit.isEmpty { lines.append("# UNIT \(family.name) \(family.unit)") }
            lines.append("# HELP \(family.name) \(Self.escaped(family.help))")
        case .prometheus:
            // It knows no info, and names a counter as its samples.
            lines = [
                "# HELP \(sample) \(family.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))",
                "# TYPE \(sample) \(family.kind == .counter ? "counter" : "gauge")",
            ]
        }
        return lines
            + family.points.map { point in
                let labels = point.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
                return "\(sample)\(labels.isEmpty ? "" : "{\(labels)}") \(point.value)"
            }
    }

    /// As OpenMetrics has it in help, and both have it in labels.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
