/// What the command line changes in a plan.
package struct PlanOptions: Sendable {
    /// `--set NAME=V1,V2` in the order given: the values of a variable, a matrix key or a trial setting. Several values
    /// for what is no matrix key make it one.
    package var set: [(name: String, values: [String])]
    /// `--repeat`, at least 1.
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
        let halves = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = halves.first.map { Quantity.trimmed($0) } ?? ""
        let values = halves.count < 2 ? [] : halves[1].split(separator: ",", omittingEmptySubsequences: false)
        let trimmed = values.map { Quantity.trimmed($0) }
        guard !name.isEmpty, !trimmed.isEmpty, !trimmed.contains("") else {
            let message = "\"\(assignment)\" is not NAME=VALUE or NAME=V1,V2,…"
            throw PlanError(problems: [Problem(file: "--set", position: nil, message: message)])
        }
        set.append((name: name, values: trimmed))
    }
}
