/// Why a text is not the YAML that was asked for, and where.
package struct YAMLError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is.
    package enum Code: String, Sendable, CaseIterable {
        /// The text is not well-formed YAML.
        case syntax
        /// A key occurs twice in one mapping, or is not a scalar.
        case badKey
        /// An alias names no anchor, or lies inside the node that it names.
        case badAlias
        /// The value of `<<` is neither a mapping nor a list of mappings.
        case badMerge
        /// More than one document, or none, where exactly one is expected.
        case documentCount
        /// Deeper or larger than ``YAML/maximumDepth`` and ``YAML/maximumNodes`` allow.
        case tooLarge
    }

    package var code: Code
    /// The file as the caller named it.
    package var file: String
    /// 1-based.
    package var line: Int
    /// 1-based, in Unicode scalars.
    package var column: Int
    package var message: String

    package init(_ code: Code, file: String, line: Int, column: Int, message: String) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `file:line:column: message`.
    package var description: String { "\(file):\(line):\(column): \(message)" }
}
