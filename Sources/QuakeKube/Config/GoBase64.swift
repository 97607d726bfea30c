/// Base64 as Go's `encoding/json` decodes it: line breaks are skipped, padding is needed, anything else is illegal.
enum GoBase64 {
    /// Why a text is none.
    struct Illegal: Error, Equatable {
        /// The first byte that cannot stand there, counted from 0; the text's length where it ends too early.
        var offset: Int
    }

    static func decode(_ text: String) throws(Illegal) -> [UInt8] {
        var bytes: [UInt8] = []
        var quantum: [UInt8] = []
        var padding = 0
        let input = Array(text.utf8)
        for (offset, byte) in input.enumerated() where byte != 0x0A && byte != 0x0D {
            if byte == UInt8(ascii: "=") {
                guard quantum.count >= 2, quantum.count + padding < 4 else { throw Illegal(offset: offset) }
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: byte) else { throw Illegal(offset: offset) }
            quantum.append(value)
            if quantum.count == 4 {
                bytes += octets(quantum)
                quantum = []
            }
        }
        guard quantum.isEmpty || quantum.count + padding == 4 else { throw Illegal(offset: input.count) }
        if !quantum.isEmpty { bytes += octets(quantum) }
        return bytes
    }

    /// One fewer than there are sextets, three at most.
    private static func octets(_ sextets: [UInt8]) -> [UInt8] {
        var bits: UInt32 = 0
        for place in 0..<4 { bits = bits << 6 | UInt32(place < sextets.count ? sextets[place] : 0) }
        return (0..<sextets.count - 1).map { UInt8(truncatingIfNeeded: bits >> (16 - 8 * UInt32($0))) }
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
