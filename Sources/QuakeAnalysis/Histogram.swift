/// Latencies in buckets of 1/32 of their magnitude: percentiles to 3 % at a constant size.
package struct Histogram: Sendable, Equatable {
    /// By bucket, from ``first`` on: whole magnitudes, those of the least and of the greatest latency included. A soak's
    /// report holds thousands of these.
    private var counts: [UInt32] = []
    /// Of the first count; a multiple of 32.
    private var first = 0
    package private(set) var count = 0
    package private(set) var maximum: Int64 = 0

    package init() {}

    /// - Parameter nanoseconds: negative ones count as zero.
    package mutating func add(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        add(1, to: Self.bucket(value))
        count += 1
        maximum = max(maximum, value)
    }

    /// Adds the counts of another one: the result is that of all values added to one histogram.
    package mutating func merge(_ other: Histogram) {
        for (bucket, count) in other.held { add(count, to: bucket) }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The buckets that hold something, and how much, in order.
    private var held: some Sequence<(bucket: Int, count: Int)> {
        counts.enumerated().lazy.filter { $0.element > 0 }.map { (first + $0.offset, Int($0.element)) }
    }

    @inline(__always)
    private mutating func add(_ more: Int, to bucket: Int) {
        if bucket < first || bucket - first >= counts.count { reach(bucket) }
        let index = bucket - first
        counts[index] = UInt32(clamping: Int(counts[index]) + more)
    }

    /// Makes room for a bucket's magnitude, and no more.
    private mutating func reach(_ bucket: Int) {
        let start = bucket / 32 * 32
        let from = counts.isEmpty ? start : min(first, start)
        let to = max(first + counts.count, start + 32)
        var wider: [UInt32] = []
        wider.reserveCapacity(to - from)
        wider += repeatElement(0, count: counts.isEmpty ? to - from : first - from)
        wider += counts
        wider += repeatElement(0, count: to - from - wider.count)
        (counts, first) = (wider, from)
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
        for (bucket, count) in held {
            seen += count
            if seen >= max(1, rank) { return .nanoseconds(min(maximum, Self.upperBound(bucket))) }
        }
        return .nanoseconds(maximum)
    }
}

extension Histogram: Codable {
    private enum CodingKeys: String, CodingKey { case counts, count, maximum }

    /// Buckets that hold nothing are left out.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        for (bucket, count) in try container.decode([Int: Int].self, forKey: .counts) where bucket >= 0 {
            add(count, to: bucket)
        }
        count = try container.decode(Int.self, forKey: .count)
        maximum = try container.decode(Int64.self, forKey: .maximum)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(
            Dictionary(uniqueKeysWithValues: held.map { ($0.bucket, $0.count) }), forKey: .counts)
        try container.encode(count, forKey: .count)
        try container.encode(maximum, forKey: .maximum)
    }
}
