/// Latencies in buckets of 1/32 of their magnitude: percentiles to 3 % at a constant size.
package struct Histogram: Sendable, Equatable {
    /// By bucket, up to the greatest one that holds something.
    private var counts: [Int] = []
    package private(set) var count = 0
    package private(set) var maximum: Int64 = 0

    package init() {}

    /// - Parameter nanoseconds: negative ones count as zero.
    package mutating func add(_ nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        let bucket = Self.bucket(value)
        reach(bucket)
        counts[bucket] += 1
        count += 1
        maximum = max(maximum, value)
    }

    package mutating func merge(_ other: Histogram) {
        reach(other.counts.count - 1)
        for (bucket, count) in other.counts.enumerated() { counts[bucket] += count }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    private mutating func reach(_ bucket: Int) {
        if bucket >= counts.count { counts += repeatElement(0, count: bucket + 1 - counts.count) }
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
        for (bucket, count) in counts.enumerated() {
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
            reach(bucket)
            counts[bucket] = count
        }
        count = try container.decode(Int.self, forKey: .count)
        maximum = try container.decode(Int64.self, forKey: .maximum)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let held = counts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
        try container.encode(Dictionary(uniqueKeysWithValues: held), forKey: .counts)
        try container.encode(count, forKey: .count)
        try container.encode(maximum, forKey: .maximum)
    }
}
