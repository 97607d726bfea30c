/// Quantities as people write them. Every reader returns `nil` for what it cannot read, and never guesses a unit.
package enum Quantity {
    /// Longest duration that a plan may name: ten thousand hours.
    package static let longestDuration = Duration.seconds(36_000_000)

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
    ]

    /// `90s`, `1m30s`, `250ms`, `1.5s`, `2h`, `0`: numbers with at most three decimals, each with a unit, each unit at
    /// most once, the larger first.
    package static func duration(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = Substring(text)
        var allowed = units[...]
        var total = Duration.zero
        repeat {
            let number = rest.prefix { $0.isASCII && ($0.isWholeNumber || $0 == ".") }
            rest = rest[number.endIndex...]
            let unit = rest.prefix { $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let place = allowed.firstIndex(where: { $0.name == unit }),
                let part = nanoseconds(number, unit: allowed[place].nanoseconds)
            else { return nil }
            allowed = allowed[(place + 1)...]
            total += .nanoseconds(part)
        } while !rest.isEmpty
        return total <= longestDuration ? total : nil
    }

    private static func nanoseconds(_ number: Substring, unit: Int64) -> Int64? {
        let halves = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, let whole = Int64(first), whole >= 0 else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow, product <= Int64.max / 8 else { return nil }
        guard halves.count == 2 else { return product }
        let decimals = halves[1]
        guard (1...3).contains(decimals.count), let fraction = Int64(decimals), fraction >= 0 else { return nil }
        let scale: Int64 = [10, 100, 1000][decimals.count - 1]
        return product + fraction * unit / scale
    }

    /// The shortest text that ``duration(_:)`` reads back, to the millisecond: `1m30s`, `250ms`, `0s`.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        var milliseconds = abs(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        guard milliseconds > 0 else { return "0s" }
        var text = duration < .zero ? "-" : ""
        for unit in units {
            let size = unit.nanoseconds / 1_000_000
            let count = milliseconds / size
            if count > 0 { text += "\(count)\(unit.name)" }
            milliseconds %= size
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
