import QuakeBase

/// Quantities as people write them. Every reader returns `nil` for what it cannot read, and never guesses a unit.
package enum Quantity {
    /// `1 trial`, `2 trials`: a number of things with the noun that goes with it.
    package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    /// Longest duration that a plan may name: ten thousand hours.
    package static let longestDuration = Duration.seconds(36_000_000)

    private static let units: [(name: String, milliseconds: Int64)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// `90s`, `1m30s`, `250ms`, `1.5s`, `2h`, `0`: numbers with at most three decimals, each with a unit, each unit at
    /// most once, the larger first.
    package static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        guard let parts = try? GoDuration.parts(text), parts.allSatisfy(isPlain),
            zip(parts, parts.dropFirst()).allSatisfy({ $0.unit.nanoseconds > $1.unit.nanoseconds }),
            let total = GoDuration.sum(parts), total <= longestDuration
        else { return nil }
        return total
    }

    /// Whether people write it in a plan: `90s`, `1.5s`; not `.5s`, `1.s`, `1.2345s`, nor anything in microseconds.
    private static func isPlain(_ part: GoDuration.Part) -> Bool {
        guard !part.whole.isEmpty, part.unit.nanoseconds >= 1_000_000 else { return false }
        return part.decimals.map { (1...3).contains($0.count) } ?? true
    }

    /// The shortest text that ``duration(_:)`` reads back, to the millisecond: `1m30s`, `250ms`, `0s`.
    package static func text(_ duration: Duration) -> String {
        var milliseconds = abs(duration.inMilliseconds)
        guard milliseconds > 0 else { return "0s" }
        var text = duration < .zero ? "-" : ""
        for unit in units {
            let count = milliseconds / unit.milliseconds
            if count > 0 { text += "\(count)\(unit.name)" }
            milliseconds %= unit.milliseconds
        }
        return text
    }

    /// Requests a second out of `20/s`, `2.5/s`, `600/m` or `600/min`.
    package static func rate(_ text: String) -> Double? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let count = decimal(halves[0]) else { return nil }
        switch halves[1] {
        case "s": return count
        case "m", "min": return count / 60
        default: return nil
        }
    }

    /// `1.5`, `4`: a number without a unit.
    static func number(_ text: String) -> Double? { decimal(text) }

    /// A rate that a lane can have: from one request in ten minutes to a hundred thousand a second.
    package static func laneRate(_ text: String) -> Double? {
        rate(text).flatMap { (1.0 / 600...100_000).contains($0) ? $0 : nil }
    }

    /// A share in 0...1 out of `99.9%`.
    package static func share(_ text: String) -> Double? {
        // The exponent lets the conversion round once: 99.9 / 100 is not the double nearest to 0.999.
        guard text.hasSuffix("%"), decimal(text.dropLast()) != nil, let share = Double(text.dropLast() + "e-2"),
            share <= 1
        else { return nil }
        return share
    }

    /// `>= 99%`, `<=30s`, `0`: an operator, `==` where there is none, and a bound.
    package static func comparison<Value>(
        _ text: String, bound: (String) -> Value?
    ) -> Comparison<Value>? {
        // Longer operators first, for ">" begins ">=" too.
        for relation in [Relation.atLeast, .atMost, .equal, .above, .below] where text.hasPrefix(relation.rawValue) {
            return bound(trimmed(text.dropFirst(relation.rawValue.count))).map { Comparison(relation, $0) }
        }
        return bound(trimmed(text)).map { Comparison(.equal, $0) }
    }

    /// A number of decimal digits with at most one point; no sign, no exponent.
    private static func decimal(_ text: some StringProtocol) -> Double? {
        guard let first = text.utf8.first, (0x30...0x39).contains(first),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E })
        else { return nil }
        return Double(String(text))
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
