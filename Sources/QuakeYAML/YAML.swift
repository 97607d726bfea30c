/// Reads YAML 1.1 and 1.2 texts, and so JSON too, with libyaml.
package enum YAML {
    /// Sequences and mappings may lie so deep in each other, aliases included.
    package static let maximumDepth = 100
    /// A text may have so many nodes after every alias is replaced by what it names. So a few lines of nested aliases
    /// cannot fill the memory, or the time, of who walks the tree.
    package static let maximumNodes = 100_000

    /// The one document of a text.
    ///
    /// - Parameter file: names the text in errors; nothing is read from it.
    /// - Throws: also where there are no or several documents.
    package static func parse(_ text: String, file: String) throws(YAMLError) -> YAMLNode {
        let documents = try composeDocuments(text, file: file)
        if documents.count > 1 {
            let second = documents[1]
            throw YAMLError(
                .documentCount, file: file, line: second.line, column: second.column,
                message: "a second document begins here, and one is allowed")
        }
        guard let only = documents.first else {
            throw YAMLError(.documentCount, file: file, line: 1, column: 1, message: "the text has no document")
        }
        return only
    }

    /// What becomes of a key that a mapping has twice.
    package enum RepeatedKeys: Sendable {
        case refused
        /// The last one counts, as for Go's YAML.
        case lastCounts
    }

    /// The first document of a text; those after it must be YAML, and are not looked at.
    ///
    /// - Returns: `nil` where there is none, as in an empty text.
    package static func parseFirst(
        _ text: String, file: String, repeatedKeys: RepeatedKeys = .refused
    ) throws(YAMLError) -> YAMLNode? {
        try composeDocuments(text, file: file, repeatedKeys).first
    }

    /// Every document of a text in order. Those that are empty, as a comment between two `---` makes them, are left out.
    package static func parseAll(_ text: String, file: String) throws(YAMLError) -> [YAMLNode] {
        try composeDocuments(text, file: file).filter { !$0.isNull }
    }

    private static func composeDocuments(
        _ text: String, file: String, _ repeatedKeys: RepeatedKeys = .refused
    ) throws(YAMLError) -> [YAMLNode] {
        let bytes = Array(text.utf8)
        return try bytes.withUnsafeBufferPointer { (buffer) throws(YAMLError) -> [YAMLNode] in
            var composer = Composer(
                events: try EventReader(buffer, file: file), file: file, repeatedKeys: repeatedKeys)
            return try composer.documents()
        }
    }
}
