/// A formula as it is written: names are not known to be variables or facts yet.
indirect enum FormulaSyntax: Equatable {
    case quantity(Measure, text: String)
    /// `offset` is that of the `$`, in Unicode scalars from the beginning of the text.
    case reference(String, offset: Int)
    /// `offset` is the operator's.
    case operation(FormulaOperator, FormulaSyntax, FormulaSyntax, offset: Int)
    case call(FormulaFunction, [FormulaSyntax], offset: Int)
}

/// Why a text is no formula.
struct FormulaProblem: Error, Equatable {
    var message: String
    /// In Unicode scalars from the beginning of the text.
    var offset: Int
}

/// Reads a formula.
///
///     sum      = product { ("+" | "-") product }
///     product  = operand { ("*" | "/") operand }
///     operand  = quantity | "${" name "}" | "(" sum ")" | function "(" sum { "," sum } ")"
///     quantity = 90s | 1m30s | 1.5 | 50/s
struct FormulaParser {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    /// More levels than this are no formula that anybody wrote.
    private static let deepest = 50

    static func read(_ text: String) throws(FormulaProblem) -> FormulaSyntax {
        var parser = FormulaParser(scalars: Array(text.unicodeScalars))
        let formula = try parser.sum(0)
        parser.skipSpace()
        guard parser.next == nil else { throw parser.unexpected("an operator (allowed: +, -, *, /)") }
        return formula
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func skipSpace() { while next?.properties.isWhitespace ?? false { index += 1 } }

    private func unexpected(_ wanted: String) -> FormulaProblem {
        let found = next.map { "\"\($0)\"" } ?? "the end"
        return FormulaProblem(message: "\(wanted) is expected, and there is \(found)", offset: index)
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == scalar else { return false }
        index += 1
        return true
    }

    private mutating func takeOperator(_ allowed: [FormulaOperator]) -> FormulaOperator? {
        skipSpace()
        guard let next, let symbol = allowed.first(where: { $0.rawValue == String(next) }) else { return nil }
        index += 1
        return symbol
    }

    // MARK: - The grammar

    private mutating func sum(_ depth: Int) throws(FormulaProblem) -> FormulaSyntax {
        guard depth < Self.deepest else { throw FormulaProblem(message: "it is nested too deep", offset: index) }
        var left = try product(depth)
        while let symbol = takeOperator([.sum, .difference]) {
            let place = index - 1
            left = .operation(symbol, left, try product(depth), offset: place)
        }
        return left
    }

    private mutating func product(_ depth: Int) throws(FormulaProblem) -> FormulaSyntax {
        var left = try operand(depth)
        while let symbol = takeOperator([.product, .quotient]) {
            let place = index - 1
            left = .operation(symbol, left, try operand(depth), offset: place)
        }
        return left
    }

    private mutating func operand(_ depth: Int) throws(FormulaProblem) -> FormulaSyntax {
        if take("(") {
            let inner = try sum(depth + 1)
            guard take(")") else { throw unexpected("\")\"") }
            return inner
        }
        switch next {
        case "$"?: return try reference()
        case let scalar? where ("0"..."9").contains(scalar): return try quantity()
        case let scalar? where ("a"..."z").contains(scalar): return try call(depth)
        default: throw unexpected("a quantity, ${…}, a function or \"(\"")
        }
    }

    private mutating func reference() throws(FormulaProblem) -> FormulaSyntax {
        let start = index
        index += 1
        guard next == "{", let end = scalars[index...].firstIndex(of: "}") else {
            throw FormulaProblem(message: "\"${\" is never closed", offset: start)
        }
        let name = Self.text(scalars[(index + 1)..<end])
        index = end + 1
        return .reference(Quantity.trimmed(name), offset: start)
    }

    private mutating func word() -> String {
        let start = index
        while let scalar = next, scalar.isASCII, scalar.properties.isAlphabetic || scalar == "." || isDigit(scalar) {
            index += 1
        }
        return Self.text(scalars[start..<index])
    }

    private mutating func quantity() throws(FormulaProblem) -> FormulaSyntax {
        let start = index
        var text = word()
        // "50/s": a number, a stroke and a unit without a space are one quantity.
        let unit = scalars[index...].dropFirst().prefix { $0.isASCII && $0.properties.isAlphabetic }
        if next == "/", !unit.isEmpty, Quantity.number(text) != nil {
            text += "/" + Self.text(unit)
            index += 1 + unit.count
        }
        guard let measure = Measure(text) else {
            throw FormulaProblem(
                message: "\"\(text)\" is not a quantity (allowed: 90s, 1m30s, 250ms, 1.5, 50/s)", offset: start)
        }
        return .quantity(measure, text: text)
    }

    private mutating func call(_ depth: Int) throws(FormulaProblem) -> FormulaSyntax {
        let start = index
        let name = word()
        guard let function = FormulaFunction(rawValue: name) else {
            let names = FormulaFunction.allCases.map(\.rawValue)
            throw FormulaProblem(
                message: "unknown function \"\(name)\"" + Suggestion.hint(for: name, among: names), offset: start)
        }
        guard take("(") else { throw unexpected("\"(\"") }
        var arguments = [try sum(depth + 1)]
        while take(",") { arguments.append(try sum(depth + 1)) }
        guard take(")") else { throw unexpected("\",\" or \")\"") }
        return .call(function, arguments, offset: start)
    }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
