import QuakeBase

/// Are the readings of one side larger than those of the other? A permutation test of the sum of ranks (Wilcoxon 1945,
/// Mann and Whitney 1947), its ranks shared between ties, so that a censored reading need only be ranked.
///
/// Under the hypothesis that the sides do not differ every choice of m of all N readings is as likely as the one seen,
/// and p is the share of choices whose ranks add up to at least as much. They are counted, not listed: the number of
/// choices of j readings with the rank sum s is built up reading by reading (Streitberg and Röhmel 1986). Above
/// ``exactLimit`` readings choices are drawn instead, and p is (1 + as large) / (1 + drawn) (Phipson and Smyth 2010).
package struct RankSumTest: Sendable, Equatable {
    /// So many readings of both sides together are counted exactly.
    package static let exactLimit = 60
    /// So many choices are drawn above that.
    package static let draws = 20_000

    /// P of a rank sum at least as large as the one of the first side, if the sides do not differ.
    package var larger: Double
    /// P of a rank sum at most as large.
    package var smaller: Double
    /// Whether every choice was counted.
    package var isExact: Bool

    /// - Returns: `nil` where a side is empty.
    package init?(_ a: [Reading], against b: [Reading], seed: String = "") {
        guard !a.isEmpty, !b.isEmpty else { return nil }
        let ranks = (a + b).doubledMidranks
        let seen = ranks[..<a.count].reduce(0, +)
        isExact = ranks.count <= Self.exactLimit
        (larger, smaller) =
            isExact
            ? Self.counted(ranks, choosing: a.count, seen: seen)
            : Self.drawn(ranks, choosing: a.count, seen: seen, seed)
    }

    private static func counted(_ ranks: [Int], choosing m: Int, seen: Int) -> (larger: Double, smaller: Double) {
        let width = ranks.sorted().suffix(m).reduce(0, +) + 1
        // ways[j * width + s]: choices of j readings whose ranks add up to s. Their number passes 2⁵³ only where the
        // rounding of a Double is far below any p that matters.
        var ways = [Double](repeating: 0, count: (m + 1) * width)
        ways[0] = 1
        var reach = 0
        for (index, rank) in ranks.enumerated() {
            reach = min(width - 1, reach + rank)
            // From large j down, so that no reading is chosen twice.
            for j in stride(from: min(m, index + 1), through: 1, by: -1) {
                let (to, from) = (j * width, (j - 1) * width - rank)
                var s = reach
                while s >= rank {
                    ways[to + s] += ways[from + s]
                    s -= 1
                }
            }
        }
        let last = ways[(m * width)...]
        let total = last.reduce(0, +)
        let larger = last[(m * width + seen)...].reduce(0, +)
        let smaller = last[...(m * width + seen)].reduce(0, +)
        return (larger / total, smaller / total)
    }

    private static func drawn(
        _ ranks: [Int], choosing m: Int, seen: Int, _ seed: String
    ) -> (larger: Double, smaller: Double) {
        var generator = SeededGenerator(seed)
        var ranks = ranks
        var (larger, smaller) = (1, 1)
        for _ in 0..<draws {
            var sum = 0
            // The first m of a Fisher–Yates shuffle.
            for position in 0..<m {
                ranks.swapAt(position, position + generator.below(ranks.count - position))
                sum += ranks[position]
            }
            if sum >= seen { larger += 1 }
            if sum <= seen { smaller += 1 }
        }
        return (Double(larger) / Double(draws + 1), Double(smaller) / Double(draws + 1))
    }
}
