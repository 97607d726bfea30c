import QuakeBase
import QuakeYAML

/// Values of flags as Go reads them.
package enum GoValue {
    /// Why a text is no duration for ``GoDuration``; `nil` where it is one.
    package static func durationProblem(_ text: String) -> String? {
        do throws(GoDuration.Refusal) {
            _ = try GoDuration.read(text)
            return nil
        } catch {
            switch error {
            case .noDuration: return "\"\(text)\" is not a duration, as 16s or 1m30s"
            case .noUnit: return "\"\(text)\" has no unit, as in 16s or 1m30s"
            case .unknownUnit(let unit):
                return "\"\(text)\" has the unknown unit \"\(unit)\"; there are h, m, s, ms, us and ns"
            case .tooLong: return "\"\(text)\" is too long a duration"
            }
        }
    }

    /// `strconv.ParseBool`.
    package static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    /// `strconv.ParseInt` with base 0, within so many bits.
    static func isInteger(_ text: String, bits: Int) -> Bool {
        guard let value = YAMLNode.goInteger(text) else { return false }
        return bits == 64 || Int32(exactly: value) != nil
    }

    static func isNumber(_ text: String) -> Bool { Double(text) != nil }

    /// `a=b,c=d`, as a map of texts on a command line; pairs come in their order.
    ///
    /// - Returns: the pairs, or the first one that has no `=`.
    static func pairs(_ text: String) -> (pairs: [(String, String)], broken: String?) {
        var pairs: [(String, String)] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { return (pairs, String(part)) }
            pairs.append((String(sides[0]).trimmed, String(sides[1]).trimmed))
        }
        return (pairs, nil)
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
