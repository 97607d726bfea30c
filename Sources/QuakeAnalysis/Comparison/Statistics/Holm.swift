/// Many tests at once find something by chance. Holm's step-down correction (1979) keeps the probability of even one
/// false alarm in the whole family at the level of a single test, whatever the tests have to do with each other.
package enum Holm {
    /// Corrected p-values in the order of the given ones. The k-th smallest of n, from 0, becomes (n − k) · p, at least as
    /// large as the one before it and at most 1.
    package static func adjusted(_ values: [Double]) -> [Double] {
        var result = values
        var floor = 0.0
        for (position, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
            floor = max(floor, min(1, Double(values.count - position) * values[index]))
            result[index] = floor
        }
        return result
    }
}
