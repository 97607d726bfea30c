import FoundationEssentials
import QuakeYAML

extension Plan {
    /// Reads and validates a plan file.
    ///
    /// - Parameter path: kept as ``path`` and named in problems; files that the plan applies lie relative to its folder.
    /// - Throws: every problem at once.
    package static func load(path: String, options: PlanOptions = PlanOptions()) throws(PlanError) -> Plan {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw PlanError(problems: [Problem(file: path, position: nil, message: "the file cannot be read")])
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw PlanError(problems: [Problem(file: path, position: nil, message: "the file is not UTF-8 text")])
        }
        return try parse(text, path: path, options: options)
    }

    /// Validates the text of a plan.
    ///
    /// A selection of an expectation that is empty as the plan is written is a problem; one that only `--set` empties is
    /// not. So a plan with `--set` is read twice: as it is written, and as it is set.
    package static func parse(
        _ text: String, path: String, options: PlanOptions = PlanOptions()
    ) throws(PlanError) -> Plan {
        let root: YAMLNode
        do {
            root = try YAML.parse(text, file: path)
        } catch {
            let position = SourcePosition(line: error.line, column: error.column)
            throw PlanError(problems: [Problem(file: path, position: position, message: error.message)])
        }
        if !options.set.isEmpty {
            var asWritten = PlanParser(source: text, path: path, root: root, options: PlanOptions())
            _ = try asWritten.plan()
        }
        var parser = PlanParser(source: text, path: path, root: root, options: options)
        return try parser.plan()
    }
}
