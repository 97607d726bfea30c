/// The nearest allowed word to a misspelt one.
package enum Suggestion {
    /// The allowed word with the least edit distance, where that is small for the word's length; letters' case counts
    /// little, for it is what people most often get wrong.
    package static func nearest(to word: String, among allowed: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let ranked = allowed.map { ($0, distance(word.lowercased(), $0.lowercased())) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= limit else { return nil }
        return best.0
    }

    /// `; did you mean "x"?` where there is a near word, and `(allowed: …)`.
    package static func hint(for word: String, among allowed: [String]) -> String {
        let near = nearest(to: word, among: allowed).map { "; did you mean \"\($0)\"?" } ?? ""
        return near + (allowed.isEmpty ? " (there is none)" : " (allowed: \(allowed.joined(separator: ", ")))")
    }

    /// Insertions, deletions, substitutions and swaps of neighbours that lead from one word to the other (optimal
    /// string alignment).
    static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first), Array(second))
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var best = min(substitution, previous[j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, before[j - 2] + 1) }
                row.append(best)
            }
            before = previous
            previous = row
        }
        return previous[b.count]
    }
}
