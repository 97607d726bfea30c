/// One measured length: nanoseconds, or only a lower bound of them.
///
/// Its order is the one of ranks: a censored reading stands above every other one of its bound.
package struct Reading: Sendable, Hashable, Comparable, Codable {
    package var nanoseconds: Int64
    /// The true length is at least this.
    package var isCensored: Bool

    package init(_ nanoseconds: Int64, isCensored: Bool = false) {
        self.nanoseconds = nanoseconds
        self.isCensored = isCensored
    }

    /// By what is known: a censored value is above the same value that was seen.
    package static func < (a: Reading, b: Reading) -> Bool {
        a.nanoseconds != b.nanoseconds ? a.nanoseconds < b.nanoseconds : !a.isCensored && b.isCensored
    }
}

extension Array where Element: Comparable {
    /// Doubled midranks, from 2: equal values share the mean of the ranks that they take up. Doubled, they are whole.
    var doubledMidranks: [Int] {
        let order = indices.sorted { self[$0] < self[$1] }
        var ranks = Array<Int>(repeating: 0, count: count)
        var first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, !(self[order[first]] < self[order[last + 1]]) { last += 1 }
            // Ranks first + 1 … last + 1: twice their mean.
            for position in first...last { ranks[order[position]] = first + last + 2 }
            first = last + 1
        }
        return ranks
    }
}

extension [Reading] {
    /// The one in the middle; of two halfway between, censored if the upper one is. Zero of none.
    var median: Reading {
        let sorted = sorted()
        guard !sorted.isEmpty else { return Reading(0) }
        return Reading(
            HodgesLehmann.median(sorted.map(\.nanoseconds)), isCensored: sorted[sorted.count / 2].isCensored)
    }
}
