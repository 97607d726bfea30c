extension Duration {
    /// Whole nanoseconds, rounded towards zero; what does not fit into 64 bits is the nearest that does.
    @inlinable
    package var inNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isTooLong || isBeyond ? (seconds < 0 ? .min : .max) : sum
    }

    /// Whole milliseconds, rounded towards zero, of what ``inNanoseconds`` can hold.
    package var inMilliseconds: Int64 { inNanoseconds / 1_000_000 }

    /// Seconds as a floating-point number, for printing and statistics: of the whole nanoseconds.
    package var inSeconds: Double { Double(inNanoseconds) / 1e9 }

    /// Whether no fraction of a second is left.
    package var isWholeSeconds: Bool { components.attoseconds == 0 }

    /// The smallest multiple of `step` that is not below this, to the nanosecond; `step` is positive, and this is not
    /// negative.
    package func roundedUp(to step: Duration) -> Duration {
        let whole = step.inNanoseconds
        return .nanoseconds((inNanoseconds + whole - 1) / whole * whole)
    }
}
