/// How often one side is above the other, whatever the unit.
package enum EffectSize {
    /// Vargha and Delaney's A (2000): the probability that a reading of `a` is above one of `b`, ties counting half.
    /// 0.5 is no difference, 1 is every one above every other. `nil` where a side is empty.
    package static func varghaDelaney(_ a: [Reading], above b: [Reading]) -> Double? {
        guard !a.isEmpty, !b.isEmpty else { return nil }
        var twice = 0
        for first in a {
            for second in b { twice += first > second ? 2 : first == second ? 1 : 0 }
        }
        return Double(twice) / Double(2 * a.count * b.count)
    }
}
