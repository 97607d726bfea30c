/// Do paired readings differ? The permutation test of signed ranks (Wilcoxon 1945): if the members of a pair do not
/// differ, each difference is as likely to have the other sign. Pairs without a difference say nothing and are left out;
/// the 2ⁿ choices of signs are counted by their rank sums.
package struct SignedRankTest: Sendable, Equatable {
    /// P of differences at least as large in sum, if pairs do not differ.
    package var larger: Double
    /// P of differences at most as large.
    package var smaller: Double
    /// Pairs that differ.
    package var pairs: Int

    /// P of a sum as far from its middle, in either direction.
    package var twoSided: Double { min(1, 2 * min(larger, smaller)) }

    /// - Parameter differences: one for each pair.
    package init(_ differences: [Int64]) {
        let differing = differences.filter { $0 != 0 }
        pairs = differing.count
        let ranks = differing.map { abs($0) }.doubledMidranks
        let seen = zip(differing, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
        var ways = [Double](repeating: 0, count: ranks.reduce(0, +) + 1)
        ways[0] = 1
        var reach = 0
        for rank in ranks {
            reach += rank
            for sum in stride(from: reach, through: rank, by: -1) { ways[sum] += ways[sum - rank] }
        }
        let total = ways.reduce(0, +)
        larger = ways[seen...].reduce(0, +) / total
        smaller = ways[...seen].reduce(0, +) / total
    }
}
