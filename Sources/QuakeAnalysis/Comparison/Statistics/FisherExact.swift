/// Did a fault cost anything at all more often? Fisher's exact test (1935) of two counts, one-sided.
package enum FisherExact {
    /// P that at least `a` of `n` fall on this side, where `a` of `n` and `b` of `m` did and the sides do not differ: the
    /// upper tail of the hypergeometric distribution, each of whose terms follows from the one before it.
    package static func larger(_ a: Int, of n: Int, against b: Int, of m: Int) -> Double {
        let hits = a + b
        let lowest = max(0, hits - m)
        var (term, all, tail) = (1.0, 0.0, 0.0)
        for count in lowest...max(lowest, min(n, hits)) {
            all += term
            if count >= a { tail += term }
            term *= Double((n - count) * (hits - count)) / Double((count + 1) * (m - hits + count + 1))
        }
        return tail / all
    }
}
