/// A scalar with references to variables: `${name}` stands for a variable, `$${` for a literal `${`.
struct Template {
    /// A part of the text.
    enum Piece: Equatable {
        case literal(String)
        /// `offset` is that of the `$`, in Unicode scalars.
        case reference(String, offset: Int)
        /// A `${` that is never closed.
        case unclosed(offset: Int)
    }

    let pieces: [Piece]

    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        var pieces: [Piece] = []
        var literal = String.UnicodeScalarView()
        var index = 0
        func at(_ offset: Int) -> Unicode.Scalar? { index + offset < scalars.count ? scalars[index + offset] : nil }
        while let scalar = at(0) {
            if scalar == "$", at(1) == "$", at(2) == "{" {
                literal.append(contentsOf: ["$", "{"])
                index += 3
            } else if scalar == "$", at(1) == "{" {
                if !literal.isEmpty { pieces.append(.literal(String(literal))) }
                literal = String.UnicodeScalarView()
                guard let end = scalars[index...].firstIndex(of: "}") else {
                    pieces.append(.unclosed(offset: index))
                    break
                }
                var name = String.UnicodeScalarView()
                name.append(contentsOf: scalars[(index + 2)..<end])
                pieces.append(.reference(Quantity.trimmed(String(name)), offset: index))
                index = end + 1
            } else {
                literal.append(scalar)
                index += 1
            }
        }
        if !literal.isEmpty { pieces.append(.literal(String(literal))) }
        self.pieces = pieces
    }

    /// Names that the text refers to, in order.
    var references: [String] {
        pieces.compactMap { if case .reference(let name, _) = $0 { name } else { nil } }
    }
}
