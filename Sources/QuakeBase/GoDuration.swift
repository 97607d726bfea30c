/// Durations as Go reads and writes them: in flags of Kubernetes' components, in kind's and Karpenter's files, in the
/// stand-in's settings. Who takes less than Go does looks at the ``parts(_:)``.
package enum GoDuration {
    /// Closed: Go knows no days.
    package enum Unit: Sendable {
        case hours
        case minutes
        case seconds
        case milliseconds
        case microseconds
        case nanoseconds

        fileprivate init?(_ text: Substring) {
            switch text {
            case "h": self = .hours
            case "m": self = .minutes
            case "s": self = .seconds
            case "ms": self = .milliseconds
            // Unicode has two: the micro sign, and the Greek letter.
            case "us", "\u{B5}s", "\u{3BC}s": self = .microseconds
            case "ns": self = .nanoseconds
            default: return nil
            }
        }

        /// How long one of it is.
        package var nanoseconds: UInt64 {
            switch self {
            case .hours: 3_600_000_000_000
            case .minutes: 60_000_000_000
            case .seconds: 1_000_000_000
            case .milliseconds: 1_000_000
            case .microseconds: 1000
            case .nanoseconds: 1
            }
        }
    }

    /// A number and its unit as they are written: of `1.5h` the digits `1` and `5` and hours.
    package struct Part: Sendable {
        /// Decimal digits; empty in `.5s`.
        package var whole: Substring
        /// Decimal digits behind the point: empty in `1.s`, `nil` where there is no point.
        package var decimals: Substring?
        package var unit: Unit
    }

    /// Why a text is no duration.
    package enum Refusal: Error, Sendable, Equatable {
        /// A number is missing, or has two points.
        case noDuration
        /// A number has no unit.
        case noUnit
        case unknownUnit(String)
        /// It does not fit into 64 bits of nanoseconds: 292 years.
        case tooLong
    }

    /// What Go's `time.ParseDuration` reads: an optional sign, then numbers, each with a unit, in any order (`16s`,
    /// `1h10m`, `1.5s`, `-500ms`), or `0`. What is smaller than a nanosecond is cut off.
    package static func read(_ text: String) throws(Refusal) -> Duration {
        var rest = text[...]
        let sign = rest.first.flatMap { "+-".contains($0) ? $0 : nil }
        if sign != nil { rest.removeFirst() }
        if rest == "0" { return .zero }
        let total = try nanoseconds(of: parts(rest))
        if sign == "-" { return .nanoseconds(Int64(bitPattern: 0 &- total)) }
        guard let nanoseconds = Int64(exactly: total) else { throw .tooLong }
        return .nanoseconds(nanoseconds)
    }

    /// As ``read(_:)``; `nil` for what it refuses.
    package static func parse(_ text: String) -> Duration? { try? read(text) }

    /// The numbers of a duration that has no sign, with their units; at least one. `0` alone has no unit and is refused.
    package static func parts(_ text: some StringProtocol) throws(Refusal) -> [Part] {
        var rest = Substring(text)
        var parts: [Part] = []
        repeat {
            let number = rest.prefix { isDigit($0) || $0 == "." }
            rest = rest[number.endIndex...]
            let sides = number.split(separator: ".", omittingEmptySubsequences: false)
            guard number.contains(where: isDigit), sides.count <= 2 else { throw .noDuration }
            let unit = rest.prefix { !isDigit($0) && $0 != "." }
            rest = rest[unit.endIndex...]
            guard !unit.isEmpty else { throw .noUnit }
            guard let known = Unit(unit) else { throw .unknownUnit(String(unit)) }
            parts.append(Part(whole: sides[0], decimals: sides.count > 1 ? sides[1] : nil, unit: known))
        } while !rest.isEmpty
        return parts
    }

    /// How long all parts are together; `nil` for what does not fit into 64 bits of nanoseconds.
    package static func sum(_ parts: [Part]) -> Duration? {
        guard let total = try? nanoseconds(of: parts), let nanoseconds = Int64(exactly: total) else { return nil }
        return .nanoseconds(nanoseconds)
    }

    /// 2⁶³: a negative duration may be so long, a positive one is a nanosecond shorter.
    private static let limit = UInt64(1) << 63

    private static func nanoseconds(of parts: [Part]) throws(Refusal) -> UInt64 {
        var total: UInt64 = 0
        for part in parts {
            let size = part.unit.nanoseconds
            guard let whole = part.whole.isEmpty ? 0 : UInt64(part.whole), whole <= limit / size else { throw .tooLong }
            let length = whole * size + fraction(part.decimals ?? "", of: size)
            guard length <= limit, total <= limit - length else { throw .tooLong }
            total += length
        }
        return total
    }

    /// `0.DECIMALS` units of `size` nanoseconds, by the very arithmetic of Go's `time.ParseDuration`: digits that do not fit
    /// into 64 bits are left out.
    private static func fraction(_ decimals: Substring, of size: UInt64) -> UInt64 {
        var (value, scale) = (UInt64(0), 1.0)
        for digit in decimals.utf8 {
            guard value <= (limit - 1) / 10 else { break }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
            scale *= 10
        }
        return UInt64(Double(value) * (Double(size) / scale))
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isWholeNumber }
}

extension Duration {
    /// As Kubernetes' flags and Karpenter's files have it: `16s`, or where there is a fraction of a second `500ms`; what is
    /// smaller than a millisecond is cut off. ``GoDuration/parse(_:)`` reads it back.
    package var flagText: String { isWholeSeconds ? "\(components.seconds)s" : "\(inMilliseconds)ms" }
}
