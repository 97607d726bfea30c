/// Durations as Go writes them: `16s`, `1m30s`, `500ms`.
package enum GoDuration {
    /// `nil` for a text without a number or a unit, with another unit than h, m, s, ms, us or ns, or with a sign.
    package static func parse(_ text: String) -> Duration? {
        var total = Duration.zero
        var rest = text[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let seconds = seconds[String(unit)] else { return nil }
            total += .nanoseconds(Int64((value * seconds * 1e9).rounded()))
        }
        return total
    }

    private static let seconds: [String: Double] = ["h": 3600, "m": 60, "s": 1, "ms": 0.001, "us": 1e-6, "ns": 1e-9]

    /// `16s`, or with a fraction `0.5s` as `500ms`.
    package static func text(_ duration: Duration) -> String {
        let nanoseconds = duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        if nanoseconds % 1_000_000_000 == 0 { return "\(nanoseconds / 1_000_000_000)s" }
        return "\(nanoseconds / 1_000_000)ms"
    }
}
