/// Latencies in buckets of 1/32 of their magnitude: percentiles to 3 % at a constant size.
package struct Histogram: Sendable, Codable, Equatable {
    private var counts: [Int: Int] = [:]
    package private(set) var count = 0
    package private(set) var maximum: Int64 = 0

    package init() {}

    /// - Parameter nanoseconds: negative ones count as zero.
    package mutating func add(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        counts[Self.bucket(value), default: 0] += 1
        count += 1
        maximum = max(maximum, value)
    }

    package mutating func merge(_ other: Histogram) {
        for (bucket, count) in other.counts { counts[bucket, default: 0] += count }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    private static func bucket(_ value: Int64) -> Int {
        guard value >= 64 else { return Int(value) }
        let magnitude = 63 - value.leadingZeroBitCount
        return (magnitude - 5) * 32 + Int(value >> Int64(magnitude - 5))
    }

    private static func upperBound(_ bucket: Int) -> Int64 {
        guard bucket >= 64 else { return Int64(bucket) }
        let shift = Int64(bucket / 32 - 1)
        return (Int64(bucket % 32 + 32) + 1) << shift - 1
    }

    /// The smallest latency that a share of all does not exceed, at most 3 % too high; `nil` of nothing.
    package func percentile(_ share: Double) -> Duration? {
        guard count > 0 else { return nil }
        let rank = Int((share * Double(count)).rounded(.up))
        var seen = 0
        for bucket in counts.keys.sorted() {
            seen += counts[bucket] ?? 0
            if seen >= max(1, rank) { return .nanoseconds(min(maximum, Self.upperBound(bucket))) }
        }
        return .nanoseconds(maximum)
    }
}
