import QuakeTimeline

/// Counts one lane's slots into buckets of equal width and joins those that say the same.
///
/// A run of hours holds millions of slots, and what went wrong in it lasts seconds. So quiet buckets are joined up to
/// the width of a pixel or so of the whole run, while bad ones stay as fine as they were counted:
///
///     fine buckets    g g g g g g g g g b B B B b g g g g g g g g
///     segments       [ g       ][ g     ]b[ B   ]b[ g      ][ g  ]
struct StripBuilder {
    private struct Bucket {
        var good: Int32 = 0
        var bad: Int32 = 0
        var excluded: Int32 = 0
        var isBlack = false
        var slowest: Int64 = 0

        mutating func merge(_ other: Bucket) {
            good += other.good
            bad += other.bad
            excluded += other.excluded
            slowest = max(slowest, other.slowest)
            isBlack = isBlack || other.isBlack
        }

        var kind: Strip.Kind? {
            if good + bad + excluded == 0 { return nil }
            if isBlack { return .blackout }
            if bad > 0 { return .brownout }
            return good == 0 ? .excluded : .good
        }
    }

    /// 131072 buckets take 4 MB, and 0.66 s each in a day.
    private static let most = 131_072

    private let start: Int64
    private var width: Int64
    private let coarse: Int64
    private var buckets: [Bucket]
    private let blackouts: [Interval]
    private var nextBlackout = 0

    /// - Parameters:
    ///   - span: of the lane; slots outside it are dropped.
    ///   - coarse: how wide a quiet segment may become, in nanoseconds.
    ///   - blackouts: in order.
    init(_ lane: Lane, span: Interval, coarse: Int64, blackouts: [Interval]) {
        start = span.start.nanoseconds
        let length = max(1, span.length.inNanoseconds)
        let finest = max(100_000_000, lane.periodNanoseconds * 5)
        width = max(finest, length / Int64(Self.most) + 1)
        self.coarse = max(coarse, width)
        buckets = Array(repeating: Bucket(), count: Int(length / width) + 1)
        self.blackouts = blackouts
    }

    /// Slots come in the order of their due times.
    mutating func add(_ sample: Sample) {
        let place = Int((sample.due.nanoseconds - start) / width)
        guard sample.due.nanoseconds >= start, place < buckets.count else { return }
        if sample.outcome == .ok {
            buckets[place].good += 1
            buckets[place].slowest = max(buckets[place].slowest, sample.done.nanoseconds - sample.due.nanoseconds)
        } else if sample.outcome.isClientFailure {
            buckets[place].excluded += 1
        } else {
            buckets[place].bad += 1
            while nextBlackout < blackouts.count, blackouts[nextBlackout].end <= sample.due { nextBlackout += 1 }
            if nextBlackout < blackouts.count, blackouts[nextBlackout].contains(sample.due) {
                buckets[place].isBlack = true
            }
        }
    }

    /// At most `limit` segments, by doubling the buckets' width until they fit.
    mutating func segments(limit: Int) -> [Strip.Segment] {
        var result = joined()
        while result.count > max(16, limit), buckets.count > 1 {
            var wider: [Bucket] = []
            wider.reserveCapacity(buckets.count / 2 + 1)
            for place in stride(from: 0, to: buckets.count, by: 2) {
                var bucket = buckets[place]
                if place + 1 < buckets.count { bucket.merge(buckets[place + 1]) }
                wider.append(bucket)
            }
            buckets = wider
            width *= 2
            result = joined()
        }
        return result
    }

    private func joined() -> [Strip.Segment] {
        var result: [Strip.Segment] = []
        var current: (first: Int, end: Int, bucket: Bucket, kind: Strip.Kind)?
        func close() {
            guard let current else { return }
            result.append(
                Strip.Segment(
                    interval: Interval(
                        start: RunInstant(nanoseconds: start + Int64(current.first) * width),
                        end: RunInstant(nanoseconds: start + Int64(current.end) * width)),
                    kind: current.kind, good: Int(current.bucket.good), bad: Int(current.bucket.bad),
                    excluded: Int(current.bucket.excluded), slowest: current.bucket.slowest))
        }
        for (place, bucket) in buckets.enumerated() {
            guard let kind = bucket.kind else {
                close()
                current = nil
                continue
            }
            // A mixed bucket keeps its own share; wholly good or wholly bad ones lose nothing when joined.
            let isPlain = bucket.bad == 0 || bucket.good == 0
            if var open = current, open.kind == kind, isPlain, open.bucket.bad == 0 || open.bucket.good == 0,
                Int64(place + 1 - open.first) * width <= coarse
            {
                open.bucket.merge(bucket)
                open.end = place + 1
                current = open
            } else {
                close()
                current = (place, place + 1, bucket, kind)
            }
        }
        close()
        return result
    }
}
