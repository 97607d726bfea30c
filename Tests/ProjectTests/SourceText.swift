import Foundation

/// String literals of a Swift source, as a user may meet them.
struct SourceText {
    /// One literal, or several that `+` joins.
    struct Literal {
        /// Where it begins, as an offset in ``SourceText/bytes``.
        var start: Int
        fileprivate var end: Int
        /// What is interpolated is `…`.
        var text: String
    }

    /// UTF-8.
    let bytes: [UInt8]
    let literals: [Literal]

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let lineBreak = UInt8(ascii: "\n")

    /// - Parameter text: the whole file. Comments, raw and multi-line literals are left out.
    init(_ text: String) {
        bytes = Array(text.utf8)
        var found: [Literal] = []
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/") where Self.isThere("//", bytes, index): index = Self.next("\n", bytes, index)
            case UInt8(ascii: "#") where Self.isThere("#\"", bytes, index):
                index = Self.next("\"#", bytes, index + 2) + 2
            case Self.quote where Self.isThere("\"\"\"", bytes, index):
                index = Self.next("\"\"\"", bytes, index + 3) + 3
            case Self.quote:
                let literal = Self.literal(bytes, index)
                if let literal { found.append(literal) }
                index = literal?.end ?? index + 1
            default: index += 1
            }
        }
        literals = Self.joined(found, bytes)
    }

    /// The text between two offsets of ``bytes``.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private static func isThere(_ text: StaticString, _ bytes: [UInt8], _ index: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard index + length <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in (0..<length).allSatisfy { bytes[index + $0] == wanted[$0] } }
    }

    private static func next(_ text: StaticString, _ bytes: [UInt8], _ index: Int) -> Int {
        var index = index
        while index < bytes.count, !isThere(text, bytes, index) { index += 1 }
        return index
    }

    /// `nil` for a quotation mark that opens none, as in a regular expression.
    private static func literal(_ bytes: [UInt8], _ start: Int) -> Literal? {
        var index = start + 1
        var text: [UInt8] = []
        while index < bytes.count, bytes[index] != lineBreak {
            let following = index + 1 < bytes.count ? bytes[index + 1] : lineBreak
            switch bytes[index] {
            case quote:
                return Literal(start: start, end: index + 1, text: String(decoding: text, as: UTF8.self))
            case backslash where following == UInt8(ascii: "("):
                index = endOfInterpolation(bytes, index + 2)
                text += "…".utf8
            case backslash:
                text.append(following == UInt8(ascii: "n") ? lineBreak : following)
                index += 2
            default:
                text.append(bytes[index])
                index += 1
            }
        }
        return nil
    }

    private static func endOfInterpolation(_ bytes: [UInt8], _ start: Int) -> Int {
        var (index, depth) = (start, 1)
        while index < bytes.count, depth > 0 {
            switch bytes[index] {
            case quote: index = literal(bytes, index)?.end ?? index + 1
            case UInt8(ascii: "("):
                depth += 1
                index += 1
            case UInt8(ascii: ")"):
                depth -= 1
                index += 1
            default: index += 1
            }
        }
        return index
    }

    private static func joined(_ literals: [Literal], _ bytes: [UInt8]) -> [Literal] {
        var result: [Literal] = []
        for literal in literals {
            let between = result.last.map { bytes[$0.end..<literal.start].filter { $0 != 0x20 && $0 != lineBreak } }
            if between == [UInt8(ascii: "+")] {
                result[result.count - 1].text += literal.text
                result[result.count - 1].end = literal.end
            } else {
                result.append(literal)
            }
        }
        return result
    }
}
