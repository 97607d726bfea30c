/// What keeps a key from having its match on the other side: what differs from the key there that is nearest to it.
struct Obstacle {
    /// For people, with what would compare them; `nil` where the other side has nothing at all.
    var words: String?
    /// What `--across` must name, sorted.
    var across: [String] = []

    /// - Parameters:
    ///   - others: the other side's keys, sorted.
    ///   - matched: those of them that have their match: they are near only where no other one is.
    init(_ key: ComparisonKey, _ others: [ComparisonKey], matched: Set<ComparisonKey>) {
        let alike = others.filter { ($0.plan, $0.step, $0.lane) == (key.plan, key.step, key.lane) }
        let free = alike.filter { !matched.contains($0) }
        let differing = (free.isEmpty ? alike : free).map { Self.differences(key, $0) }
        guard let least = differing.min(by: { $0.count < $1.count }), !least.isEmpty else {
            words = Self.absence(of: key, in: others)
            return
        }
        across = Set(least.map(\.name)).sorted()
        let options = across.map { "--across \($0)" }.joined(separator: " ")
        words = least.map(\.words).joined(separator: ", ") + "; \(options) compares them"
    }

    private static func differences(
        _ key: ComparisonKey, _ other: ComparisonKey
    ) -> [(name: String, words: String)] {
        func differing(
            _ a: [String: String], _ b: [String: String], as title: (String) -> String = { $0 }
        ) -> [(String, String)] {
            Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }.map {
                ($0, "\(title($0)) is \(a[$0] ?? "not set") here and \(b[$0] ?? "not set") there")
            }
        }
        func matrix(_ key: ComparisonKey) -> [String: String] {
            key.cell.merging(key.peering.isEmpty ? [:] : [ComparisonKey.peeringAxis: key.peering]) { own, _ in own }
        }
        return differing(matrix(key), matrix(other)).map { (name: $0.0, words: $0.1) }
            + differing(key.versions, other.versions).map { (ComparisonKey.Part.versions.rawValue, $0.1) }
            + differing(key.nodes, other.nodes) { "\($0) nodes" }.map { (ComparisonKey.Part.nodes.rawValue, $0.1) }
    }

    /// Of plan, step and lane, which `--across` does not take, the first that the other side does not have.
    private static func absence(of key: ComparisonKey, in others: [ComparisonKey]) -> String? {
        guard !others.isEmpty else { return nil }
        func list(_ words: [String]) -> String { Set(words).sorted().joined(separator: ", ") }
        let ofPlan = others.filter { $0.plan == key.plan }
        if ofPlan.isEmpty { return "the plan there is \(list(others.map(\.plan)))" }
        let ofStep = ofPlan.filter { $0.step == key.step }
        if ofStep.isEmpty { return "the faults there are those of \(list(ofPlan.map(\.step)))" }
        return "the lanes there are \(list(ofStep.map(\.lane)))"
    }
}
