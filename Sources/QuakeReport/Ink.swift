import QuakeTimeline

/// What terminal reports write: their own colours, and nothing else that a terminal would obey.
enum Ink {
    /// Select Graphic Rendition: bold, red, green, yellow and the end of them.
    private static let codes: Set<String> = ["0", "1", "31", "32", "33", "1;31", "1;32", "1;33"]

    /// - Parameter code: empty for none.
    static func paint(_ text: String, _ code: String, color: Bool) -> String {
        color && !code.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// The whole text of a report, with a newline at its end. Data is written out where it is put into lines; whatever
    /// was forgotten there is written out here.
    static func page(_ lines: [String], color: Bool, width: PageWidth) -> String {
        lines.flatMap(width.folded).map { color ? uncoloured($0) : $0.printable() }.joined(separator: "\n") + "\n"
    }

    private static func uncoloured(_ line: String) -> String {
        let parts = line.split(separator: "\u{1B}", omittingEmptySubsequences: false)
        guard var result = parts.first?.description.printable() else { return "" }
        for part in parts.dropFirst() {
            let code = part.dropFirst().prefix { $0 != "m" }
            if part.first == "[", part.count > code.count + 1, codes.contains(String(code)) {
                result += "\u{1B}[\(code)m" + String(part.dropFirst(code.count + 2)).printable()
            } else {
                result += "\u{1B}".printable() + String(part).printable()
            }
        }
        return result
    }
}
