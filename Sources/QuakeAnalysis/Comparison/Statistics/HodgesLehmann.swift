/// By how much two sides differ, in the unit of their readings: the median of all differences between a reading of one
/// and a reading of the other (Hodges and Lehmann 1963). A few odd repeats do not move it.
package enum HodgesLehmann {
    /// The median of a[i] − b[j].
    ///
    /// - Parameters: both in ascending order, neither empty.
    package static func difference(_ a: [Int64], _ b: [Int64]) -> Int64 {
        let count = a.count * b.count
        let upper = kth(count / 2, a, b)
        return count % 2 == 1 ? upper : midpoint(kth(count / 2 - 1, a, b), upper)
    }

    /// The median of (d[i] + d[j]) / 2 over i ≤ j (Walsh averages): the difference of paired readings.
    ///
    /// - Parameter differences: one for each pair, not empty.
    package static func paired(_ differences: [Int64]) -> Int64 {
        var sums: [Int64] = []
        for (index, first) in differences.enumerated() {
            for second in differences[index...] { sums.append(first + second) }
        }
        return median(sums.sorted()) / 2
    }

    /// The k-th smallest difference, from 0: halves the range of values until one is left, counting the differences up
    /// to its middle in one walk along both sides.
    private static func kth(_ k: Int, _ a: [Int64], _ b: [Int64]) -> Int64 {
        var low = a[0] - b[b.count - 1]
        var high = a[a.count - 1] - b[0]
        while low < high {
            let middle = low + (high - low) / 2
            if count(a, b, upTo: middle) > k { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func count(_ a: [Int64], _ b: [Int64], upTo limit: Int64) -> Int {
        var (total, taken) = (0, 0)
        // For each b in ascending order ever more of a lie within the limit.
        for value in b {
            while taken < a.count, a[taken] - value <= limit { taken += 1 }
            total += taken
        }
        return total
    }

    /// The middle one, or halfway between the two in the middle.
    ///
    /// - Parameter sorted: in ascending order, not empty.
    package static func median(_ sorted: [Int64]) -> Int64 {
        let upper = sorted[sorted.count / 2]
        return sorted.count % 2 == 1 ? upper : midpoint(sorted[sorted.count / 2 - 1], upper)
    }

    private static func midpoint(_ low: Int64, _ high: Int64) -> Int64 { low + (high - low) / 2 }
}
