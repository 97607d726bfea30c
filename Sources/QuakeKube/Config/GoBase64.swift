import FoundationEssentials

/// Base64 as Go's `encoding/json` takes it: line breaks are skipped, padding is needed, anything else is illegal.
/// Foundation decodes it; it does not say where a text is none.
package enum GoBase64 {
    /// Why a text is none.
    package struct Illegal: Error, Equatable {
        /// The first byte that cannot stand there, counted from 0; the text's length where it ends too early.
        package var offset: Int
        /// The byte that Go names: of a text that ends without its padding, where its last quantum begins.
        package var goOffset: Int

        package init(offset: Int, goOffset: Int) {
            self.offset = offset
            self.goOffset = goOffset
        }
    }

    /// The bytes of a text in standard Base64, with the errors and offsets of Go's `base64.StdEncoding`.
    package static func decode(_ text: String) throws(Illegal) -> [UInt8] {
        if let illegal = problem(of: text) { throw illegal }
        return Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    }

    /// `nil` if it is legal.
    package static func problem(of text: String) -> Illegal? {
        var digits = 0
        var padding = 0
        for (offset, byte) in text.utf8.enumerated() where byte != 0x0A && byte != 0x0D {
            let isLegal: Bool
            if byte == UInt8(ascii: "=") {
                isLegal = digits >= 2 && digits + padding < 4
                padding += 1
            } else {
                isLegal = padding == 0 && isDigit(byte)
                digits = digits % 4 + 1
            }
            if !isLegal { return Illegal(offset: offset, goOffset: offset) }
        }
        guard digits % 4 != 0, digits + padding != 4 else { return nil }
        let count = text.utf8.count
        return Illegal(offset: count, goOffset: padding == 0 ? count - digits : count)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
