import QuakeYAML

extension JSONValue {
    /// The value as block YAML that reads back as the same value; keys sorted by their UTF-8 bytes, a newline at its end.
    /// Texts of several lines are literal blocks where they can be.
    package var yamlText: String {
        var lines: [String] = []
        write(into: &lines, head: "", indent: "")
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Parameters:
    ///   - head: what comes before the value on its first line: `key:` or `-`, indented; empty for the whole.
    ///   - indent: of the value's own lines.
    private func write(into lines: inout [String], head: String, indent: String) {
        let gap = head.isEmpty ? "" : "\(head) "
        switch self {
        case .object(let members) where !members.isEmpty:
            if head.hasSuffix(":") { lines.append(head) }
            // The first member is on the line of a list's dash.
            var lead = head.hasSuffix("-") ? "\(head) " : indent
            for (key, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                value.write(into: &lines, head: "\(lead)\(Self.scalar(key)):", indent: indent + "  ")
                lead = indent
            }
        case .array(let elements) where !elements.isEmpty:
            if !head.isEmpty { lines.append(head) }
            for element in elements { element.write(into: &lines, head: "\(indent)-", indent: indent + "  ") }
        case .string(let text) where Self.isBlock(text):
            lines.append("\(gap)|")
            for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
                lines.append(line.isEmpty ? "" : "\(indent)\(line)")
            }
        case .string(let text): lines.append(gap + Self.scalar(text))
        default: lines.append(gap + text())
        }
    }

    /// Several lines that end with one newline, none of them beginning with a space, and nothing that YAML would change.
    private static func isBlock(_ text: String) -> Bool {
        guard text.hasSuffix("\n"), !text.hasSuffix("\n\n"), text.count > 1, text.first?.isWhitespace == false else {
            return false
        }
        return text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20...0x7E).contains($0.value) }
    }

    /// Plain where it reads back as this text, else as JSON, which is YAML too.
    private static func scalar(_ text: String) -> String {
        let isSafe =
            text.first.map { $0.isASCII && ($0.isLetter || $0.isNumber || "/_.".contains($0)) } ?? false
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-_./%".utf8.contains(byte)
            }
        guard isSafe, let node = try? YAML.parse(text, file: ""), JSONValue(yaml: node) == .string(text) else {
            return JSONValue.string(text).text()
        }
        // Words that other readers of YAML take for a truth value.
        return ["y", "n", "yes", "no", "on", "off"].contains(text.lowercased()) ? "\"\(text)\"" : text
    }
}
