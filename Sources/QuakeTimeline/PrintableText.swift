extension String {
    /// The text with its control characters written out and not obeyed, as `\x1b`: a name, an error's body or a program's
    /// output must not move a terminal's cursor, hide a line or call the terminal's commands.
    ///
    /// Control characters are C0, DEL and C1 (ECMA-48).
    ///
    /// - Parameter lines: whether line breaks and tabs stay; else they are written out too.
    package func printable(lines: Bool = false) -> String {
        guard unicodeScalars.contains(where: \.isControl) else { return self }
        var result = ""
        var rest = unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case _ where !scalar.isControl, "\n" where lines, "\t" where lines: result.unicodeScalars.append(scalar)
            case "\r" where lines && rest.first == "\n": continue
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
