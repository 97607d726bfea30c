import QuakeYAML

extension Plan {
    /// Validates the text of a plan. No file is opened: what it says of others is in `attachments`.
    ///
    /// A selection of an expectation that is empty as the plan is written is a problem; one that only `--set` empties is
    /// not. So a plan with `--set` is read twice: as it is written, and as it is set.
    ///
    /// - Parameters:
    ///   - path: kept as ``path`` and named in problems; files that the plan names lie relative to its folder.
    ///   - attachments: of the files that it names; see ``fileNames(in:path:options:actions:expectations:)``.
    ///   - actions: what its steps may name.
    ///   - expectations: the kinds of expectations that the plan may have.
    /// - Throws: every problem at once, those of manifests too.
    package static func parse(
        _ text: String, path: String, options: PlanOptions = PlanOptions(), attachments: Attachments = Attachments(),
        actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        let root = try tree(text, path)
        if !options.set.isEmpty {
            var asWritten = PlanParser(
                source: text, path: path, root: root, options: PlanOptions(), attachments: attachments,
                actions: actions, expectations: expectations)
            _ = try asWritten.plan()
        }
        var parser = PlanParser(
            source: text, path: path, root: root, options: options, attachments: attachments,
            actions: actions, expectations: expectations)
        return try parser.plan()
    }

    /// The plan of a run that is over. It was valid by the rules of its day: what those of today refuse keeps nobody from
    /// reading what happened, and is left out or as it is by default.
    ///
    /// - Parameter facts: of each cell, as the archive keeps them; `nil` for one that keeps none.
    /// - Throws: where the text is no YAML.
    package static func archived(
        _ text: String, path: String, options: PlanOptions, attachments: Attachments, facts: [CellFacts]? = nil,
        actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        var parser = PlanParser(
            source: text, path: path, root: try tree(text, path), options: options, attachments: attachments,
            actions: actions, expectations: expectations, facts: facts)
        return parser.readWhatCan()
    }

    /// Which files a plan names, variables put in, each once. They may vary with the matrix.
    ///
    /// What else is wrong with the plan does not matter here.
    package static func fileNames(
        in text: String, path: String, options: PlanOptions = PlanOptions(),
        actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard
    ) -> [String] {
        guard let root = try? tree(text, path) else { return [] }
        var names: [String] = []
        for options in options.set.isEmpty ? [options] : [PlanOptions(), options] {
            var parser = PlanParser(
                source: text, path: path, root: root, options: options, attachments: .unknown,
                actions: actions, expectations: expectations)
            _ = parser.readWhatCan()
            for name in parser.named where !names.contains(name) { names.append(name) }
        }
        return names
    }

    /// The folder that a plan's files are relative to, with a slash at its end; empty for the working directory.
    package static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? ""
    }

    /// Where a file that a plan names lies.
    package static func place(of file: String, namedIn path: String) -> String {
        file.hasPrefix("/") ? file : folder(of: path) + file
    }

    static func tree(_ text: String, _ path: String) throws(PlanError) -> YAMLNode {
        do {
            return try YAML.parse(text, file: path)
        } catch {
            let position = SourcePosition(line: error.line, column: error.column)
            throw PlanError(problems: [Problem(file: path, position: position, message: error.message)])
        }
    }
}
