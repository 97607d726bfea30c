/// What makes two repeats of a fault comparable. Whatever differs here is another question, and is never mixed.
package struct ComparisonKey: Sendable, Hashable, Codable {
    /// The plan's own name.
    package var plan: String
    /// The step that caused the fault.
    package var step: String
    package var peering: String
    /// `traffic/connections`.
    package var lane: String
    /// Matrix values but for `peering`.
    package var cell: [String: String]
    /// What was under test: Kubernetes of each cluster, the mesh, and the kind of clusters.
    package var versions: [String: String]
    /// Cluster → nodes.
    package var nodes: [String: String]

    package init(
        plan: String, step: String, peering: String, lane: String, cell: [String: String] = [:],
        versions: [String: String] = [:], nodes: [String: String] = [:]
    ) {
        self.plan = plan
        self.step = step
        self.peering = peering
        self.lane = lane
        self.cell = cell
        self.versions = versions
        self.nodes = nodes
    }

    /// A part of the key that a comparison may be asked to look over. Matrix keys are the others: see ``Across``.
    package enum Part: String, Sendable, CaseIterable {
        case versions, nodes
    }

    /// How ``peering`` is named among the matrix keys.
    static let peeringAxis = "peering"

    /// Every matrix key that it has a value of, `peering` among them.
    package var axes: Set<String> { Set(cell.keys).union(peering.isEmpty ? [] : [Self.peeringAxis]) }

    /// The value of a matrix key, or `peering`; `nil` where it has none.
    package subscript(axis axis: String) -> String? {
        axis == Self.peeringAxis ? peering.isEmpty ? nil : peering : cell[axis]
    }

    /// The key without some matrix keys, or `peering`.
    func without(axes: Set<String>) -> ComparisonKey {
        var key = self
        for axis in axes {
            if axis == Self.peeringAxis { key.peering = "" } else { key.cell[axis] = nil }
        }
        return key
    }

    /// The key without some parts.
    package func without(_ parts: Set<Part>) -> ComparisonKey {
        var key = self
        if parts.contains(.versions) { key.versions = [:] }
        if parts.contains(.nodes) { key.nodes = [:] }
        return key
    }

    /// `peering` and the other matrix values, as reports name a cell.
    package var cellWords: String { cellWords(across: []) }

    /// The same with what differs: `LoadBalancer → NodePort, grace 4s`.
    func cellWords(across: [Across.Values]) -> String {
        var values = cell
        values[Self.peeringAxis] = peering.isEmpty ? nil : peering
        for axis in across { values[axis.name] = axis.words }
        let others = values.filter { $0.key != Self.peeringAxis }.sorted { $0.key < $1.key }
        return ([values[Self.peeringAxis] ?? ""] + others.map { "\($0.key) \($0.value)" }).filter { !$0.isEmpty }
            .joined(separator: ", ")
    }

    /// `kill, NodePort, echo/new`: unique among the keys of one plan on one environment.
    package var words: String { words(across: []) }

    func words(across: [Across.Values]) -> String {
        [step, cellWords(across: across), lane].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// `versions` and `nodes` in words.
    package var environmentWords: String {
        let nodes = nodes.map { ("\($0.key) nodes", $0.value) }
        return (versions.map { ($0.key, $0.value) } + nodes).sorted { $0 < $1 }.map { "\($0.0) \($0.1)" }
            .joined(separator: ", ")
    }

    /// Every part, for orders and seeds.
    package var text: String { [plan, words, environmentWords].joined(separator: "; ") }
}

extension ComparisonKey: Comparable {
    /// By the text that reports show.
    package static func < (a: ComparisonKey, b: ComparisonKey) -> Bool { a.text < b.text }
}
