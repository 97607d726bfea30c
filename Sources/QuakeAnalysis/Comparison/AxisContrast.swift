/// What a value of the matrix costs beside another one, in the same run. A run visits all cells of one repeat before the
/// next repeat, so the two readings of a repeat are a pair: what drifts over the run is in both.
package struct AxisContrast: Sendable, Equatable, Codable {
    /// The axis' name: `peering` or another matrix key.
    package var axis: String
    /// The value whose cost is told, and the one that it is told beside.
    package var value: String
    package var reference: String
    /// Where both stand: step, lane and the rest of the cell.
    package var place: String
    package var isCandidate: Bool
    package var measure: Measure
    package var pairs: Int
    /// Of value − reference: the Hodges–Lehmann figure of paired readings, with its bootstrap interval.
    package var difference: Int64
    package var low: Int64
    package var high: Int64
    /// Of the signed ranks, two-sided, uncorrected: a figure alone.
    package var p: Double

    /// Every axis whose values stand beside each other in the repeats, each later value against the first one.
    static func all(
        _ units: [ComparisonKey: [FaultRepeat]], isCandidate: Bool, resamples: Int
    ) -> [AxisContrast] {
        var found: [AxisContrast] = []
        let axes = Set(units.keys.flatMap { $0.cell.keys }).sorted()
        for axis in [ComparisonKey.peeringAxis] + axes {
            let groups = Dictionary(grouping: units.keys.filter { $0[axis: axis] != nil }) { $0.without(axes: [axis]) }
            for (_, keys) in groups.sorted(by: { $0.key < $1.key }) {
                let ordered = keys.sorted { ($0[axis: axis] ?? "") < ($1[axis: axis] ?? "") }
                guard let first = ordered.first else { continue }
                for key in ordered.dropFirst() {
                    for measure in Measure.tested {
                        found += contrast(
                            axis, (key, units[key] ?? []), (first, units[first] ?? []), measure, isCandidate, resamples)
                    }
                }
            }
        }
        return found
    }

    private static func contrast(
        _ axis: String, _ value: (key: ComparisonKey, repeats: [FaultRepeat]),
        _ reference: (key: ComparisonKey, repeats: [FaultRepeat]), _ measure: Measure, _ isCandidate: Bool,
        _ resamples: Int
    ) -> [AxisContrast] {
        struct Place: Hashable {
            var run: String
            var repeatIndex: Int
        }
        let known = Dictionary(
            reference.repeats.compactMap { unit in
                unit.readings[measure].map { (Place(run: unit.run, repeatIndex: unit.repeatIndex), $0.nanoseconds) }
            }, uniquingKeysWith: { first, _ in first })
        let differences = value.repeats.compactMap { unit -> Int64? in
            guard let other = known[Place(run: unit.run, repeatIndex: unit.repeatIndex)] else { return nil }
            return unit.readings[measure].map { $0.nanoseconds - other }
        }.sorted()
        guard differences.count > 1 else { return [] }
        let place = value.key.without(axes: [axis]).words
        var bootstrap = Bootstrap(seed: "\(place); \(axis); \(measure.rawValue); \(isCandidate)", resamples: resamples)
        let interval = bootstrap.paired(differences)
        return [
            AxisContrast(
                axis: axis, value: value.key[axis: axis] ?? "", reference: reference.key[axis: axis] ?? "",
                place: place,
                isCandidate: isCandidate, measure: measure, pairs: differences.count,
                difference: HodgesLehmann.paired(differences), low: interval.lowerBound, high: interval.upperBound,
                p: SignedRankTest(differences).twoSided)
        ]
    }
}
