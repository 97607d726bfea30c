/// What may differ between the sides of a comparison.
package struct Across: Sendable, Equatable {
    /// Taken out of the key: what differs in them is pooled.
    package var parts: Set<ComparisonKey.Part>
    /// Matrix keys and settings, `peering` among them. Every value of the candidate is compared with every value of the
    /// baseline, each pair by itself.
    package var axes: Set<String>

    package init(parts: Set<ComparisonKey.Part> = [], axes: Set<String> = []) {
        self.parts = parts
        self.axes = axes
    }

    /// Sorts names into parts and matrix keys.
    package init(_ names: [String]) {
        parts = Set(names.compactMap(ComparisonKey.Part.init))
        axes = Set(names.filter { ComparisonKey.Part(rawValue: $0) == nil })
    }

    /// What the repeats of some runs can be compared across, in the order in which messages list it: the parts, `peering`,
    /// then every matrix key and every name that was set.
    package static func names(in runs: [FaultRepeats]) -> [String] {
        let axes = runs.flatMap { run in
            run.repeats.flatMap(\.key.axes) + run.settings.keys.compactMap(FaultRepeats.nameSet)
        }
        let fixed = ComparisonKey.Part.allCases.map(\.rawValue) + [ComparisonKey.peeringAxis]
        return fixed + Set(axes).subtracting(fixed).sorted()
    }

    /// A matrix key or a setting that differs between the sides of one comparison.
    package struct Values: Sendable, Equatable, Codable {
        package var name: String
        /// `nil` where the side has no value of it.
        package var baseline: String?
        package var candidate: String?

        package init(name: String, baseline: String?, candidate: String?) {
            self.name = name
            self.baseline = baseline
            self.candidate = candidate
        }

        /// `LoadBalancer → NodePort`, as figures are written: from the baseline to the candidate.
        package var words: String { "\(baseline ?? "not set") → \(candidate ?? "not set")" }
    }
}
