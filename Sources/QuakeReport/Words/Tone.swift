/// What a word or a figure means, whatever shows it: a terminal by its colour, a page by its colour and a sign.
package enum Tone: String, Sendable {
    case good, bad, unsure, neutral

    /// For those who see no colours.
    var sign: String {
        switch self {
        case .good: "✓"
        case .bad: "✕"
        case .unsure: "?"
        case .neutral: "·"
        }
    }

    /// On a terminal, as Select Graphic Rendition: green, red, yellow; empty for none.
    var ink: String {
        switch self {
        case .good: "32"
        case .bad: "31"
        case .unsure: "33"
        case .neutral: ""
        }
    }

    /// The same in bold.
    var boldInk: String { ink.isEmpty ? "1" : "1;\(ink)" }

    /// Of a table's cell, which is plain where there is nothing to say.
    var ofCell: Tone? { self == .neutral ? nil : self }
}
