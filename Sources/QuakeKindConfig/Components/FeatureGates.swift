import QuakePlan

/// The feature gates that components know.
enum FeatureGates {
    static func words(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    /// Gates that stand for all of a stage.
    private static let groups: Set<String> = ["AllAlpha", "AllBeta"]

    /// What is wrong with one; `nil` where nothing is, or where this version's gates are not known here.
    static func problem(_ gate: String, isOn: Bool, _ version: KubernetesVersion) -> String? {
        guard !version.isBefore(36) else { return nil }
        if locked.contains(gate) { return isOn ? nil : "the feature gate \(gate) is always on" }
        guard !free.contains(gate), !groups.contains(gate) else { return nil }
        let near = Suggestion.nearest(to: gate, among: (free.union(locked)).sorted())
        return "there is not a feature gate \(gate)" + (near.map { "; did you mean \($0)?" } ?? "")
    }

    /// What is wrong with a value of `--feature-gates`: `A=true,kube:B=false`.
    static func problem(_ text: String, _ version: KubernetesVersion) -> String? {
        let (pairs, broken) = GoValue.pairs(text)
        if let broken { return "\"\(broken)\" is not a pair, as Gate=true" }
        for (name, value) in pairs {
            guard let isOn = GoValue.bool(value) else { return "\(name): \"\(value)\" is neither true nor false" }
            let gate = name.hasPrefix("kube:") ? String(name.dropFirst(5)) : name
            if let problem = problem(gate, isOn: isOn, version) { return problem }
        }
        return nil
    }
}
