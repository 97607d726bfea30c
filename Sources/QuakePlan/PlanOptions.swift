/// What the command line changes in a plan.
package struct PlanOptions: Sendable {
    /// How often a cell may be run.
    package static let possibleRepeats = 1...10_000

    /// `--set NAME=V1,V2` in the order given: the values of a variable, a matrix key or a trial setting. Several values
    /// for what is no matrix key make it one.
    package var set: [(name: String, values: [String])]
    /// `--repeat`, of ``possibleRepeats``.
    package var repeats: Int?
    /// `--seed`.
    package var seed: UInt64?

    package init(set: [(name: String, values: [String])] = [], repeats: Int? = nil, seed: UInt64? = nil) {
        self.set = set
        self.repeats = repeats
        self.seed = seed
    }

    /// Adds one `--set` argument; values are separated by commas, and space around them does not count.
    ///
    /// - Throws: where the text has no `=`, no name or an empty value.
    package mutating func add(assignment: String) throws(PlanError) {
        guard let (name, values) = Self.halves(of: assignment) else {
            let message = "\"\(assignment)\" is not NAME=VALUE or NAME=V1,V2,…"
            throw PlanError(problems: [Problem(file: "--set", position: nil, message: message)])
        }
        set.append((name: name, values: values))
    }

    /// The name and the values of `NAME=V1,V2`; `nil` for what is none.
    package static func halves(of assignment: String) -> (name: String, values: [String])? {
        let halves = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves.first.map { Quantity.trimmed($0) } ?? ""
        let values = halves.count < 2 ? [] : halves[1].split(separator: ",", omittingEmptySubsequences: false)
        let trimmed = values.map { Quantity.trimmed($0) }
        return name.isEmpty || trimmed.isEmpty || trimmed.contains("") ? nil : (name, trimmed)
    }
}

extension PlanOptions: Equatable {
    package static func == (first: PlanOptions, second: PlanOptions) -> Bool {
        first.repeats == second.repeats && first.seed == second.seed
            && first.set.elementsEqual(second.set) { $0.name == $1.name && $0.values == $1.values }
    }
}

/// As archives keep them: `{"set": [{"name": "hold", "values": ["5s"]}], "repeats": 3, "seed": 7}`.
extension PlanOptions: Codable {
    private enum CodingKeys: String, CodingKey {
        case set, repeats, seed
    }

    private struct Setting: Codable {
        var name: String
        var values: [String]
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        set = try container.decode([Setting].self, forKey: .set).map { ($0.name, $0.values) }
        repeats = try container.decodeIfPresent(Int.self, forKey: .repeats)
        seed = try container.decodeIfPresent(UInt64.self, forKey: .seed)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(set.map { Setting(name: $0.name, values: $0.values) }, forKey: .set)
        try container.encodeIfPresent(repeats, forKey: .repeats)
        try container.encodeIfPresent(seed, forKey: .seed)
    }
}
