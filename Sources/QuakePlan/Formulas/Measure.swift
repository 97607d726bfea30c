import QuakeBase

/// What kind of quantity a number stands for, as the power of seconds in its unit.
package struct Dimension: Sendable, Hashable {
    /// 1 for a duration, 0 for a number, -1 for a rate.
    package let seconds: Int

    package init(seconds: Int) { self.seconds = seconds }

    package static let number = Dimension(seconds: 0)
    package static let time = Dimension(seconds: 1)
    /// Per second.
    package static let rate = Dimension(seconds: -1)

    /// With its article.
    package var words: String {
        switch seconds {
        case 0: "a number"
        case 1: "a duration"
        case -1: "a rate"
        default: "in seconds to the power of \(seconds)"
        }
    }
}

/// A number with its dimension.
package struct Measure: Sendable, Equatable {
    /// In seconds, per second, or without a unit.
    package var value: Double
    package var dimension: Dimension

    package init(_ value: Double, _ dimension: Dimension) {
        self.value = value
        self.dimension = dimension
    }

    package init(_ duration: Duration) { self.init(duration.inSeconds, .time) }

    /// `90s`, `50/s`, `1.5`, `0`: as plans write it; `nil` for what is no quantity.
    package init?(_ text: String) {
        if let rate = Quantity.rate(text) {
            self.init(rate, .rate)
        } else if let number = Quantity.number(text) {
            self.init(number, .number)
        } else if let duration = Quantity.duration(text) {
            self.init(duration)
        } else {
            return nil
        }
    }

    /// To the nanosecond; `nil` for what is no duration that a plan may name.
    package var duration: Duration? {
        guard dimension == .time, value.isFinite, value >= 0, value <= Quantity.longestDuration.inSeconds else {
            return nil
        }
        return .nanoseconds(Int64((value * 1e9).rounded()))
    }

    /// `nil` for what is no whole number from 0.
    package var count: Int? {
        guard dimension == .number, value.isFinite, value >= 0, value <= 1e9, value == value.rounded() else {
            return nil
        }
        return Int(value)
    }
}
