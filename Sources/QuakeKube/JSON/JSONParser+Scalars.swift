extension JSONParser {
    mutating func number() throws(Problem) -> JSONValue {
        let start = position
        let negative = bytes[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        var magnitude: UInt64 = 0
        var overflow = false
        let digits = try digits { digit in
            let (product, first) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            magnitude = sum
            overflow = overflow || first || second
        }
        if digits > 1, bytes[position - digits] == UInt8(ascii: "0") {
            position -= digits
            throw problem("a number with a leading zero")
        }
        let isWhole = try !fractionOrExponent()
        if isWhole, !overflow, let exact = Self.signed(magnitude, negative: negative) { return .int(exact) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let parsed = Double(text), parsed.isFinite else {
            position = start
            throw problem("a number out of range")
        }
        return .double(parsed)
    }

    private static func signed(_ magnitude: UInt64, negative: Bool) -> Int64? {
        // -0 has no integer; it stays what it is as a double.
        if negative { return magnitude == 0 ? nil : Int64(exactly: -Int128(magnitude)) }
        return Int64(exactly: magnitude)
    }

    private mutating func digits(_ each: (UInt8) -> Void = { _ in }) throws(Problem) -> Int {
        let start = position
        while position < bytes.count, case let digit = bytes[position] &- 0x30, digit < 10 {
            each(digit)
            position += 1
        }
        guard position > start else { throw problem("a digit is missing") }
        return position - start
    }

    private mutating func fractionOrExponent() throws(Problem) -> Bool {
        var found = false
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            _ = try digits()
            found = true
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            _ = try digits()
            found = true
        }
        return found
    }

    /// Reads from the opening quote to after the closing one.
    mutating func string() throws(Problem) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try utf8(bytes[start..<position], at: start)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw problem("a control character in a string")
            default: position += 1
            }
        }
        throw problem("a string does not end")
    }

    private func utf8(_ part: some Sequence<UInt8>, at offset: Int) throws(Problem) -> String {
        guard let text = String(validating: part, as: UTF8.self) else {
            throw Problem(message: "a string that is not UTF-8", offset: offset)
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(Problem) -> String {
        var buffer = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try utf8(buffer, at: start)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &buffer)
            case 0..<0x20: throw problem("a control character in a string")
            default:
                buffer.append(byte)
                position += 1
            }
        }
        throw problem("a string does not end")
    }

    private mutating func escape(into buffer: inout [UInt8]) throws(Problem) {
        guard position < bytes.count else { throw problem("a string does not end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): buffer.append(byte)
        case UInt8(ascii: "n"): buffer.append(0x0A)
        case UInt8(ascii: "t"): buffer.append(0x09)
        case UInt8(ascii: "r"): buffer.append(0x0D)
        case UInt8(ascii: "b"): buffer.append(0x08)
        case UInt8(ascii: "f"): buffer.append(0x0C)
        case UInt8(ascii: "u"): buffer.append(contentsOf: Array(String(try unicodeEscape()).utf8))
        default:
            position -= 1
            throw problem("an unknown escape")
        }
    }

    private mutating func unicodeEscape() throws(Problem) -> Character {
        let first = try hexUnit()
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u")
            else { throw problem("half of a surrogate pair") }
            position += 2
            let second = try hexUnit()
            guard UTF16.isTrailSurrogate(second) else { throw problem("half of a surrogate pair") }
            code = 0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw problem("half of a surrogate pair") }
        return Character(scalar)
    }

    private mutating func hexUnit() throws(Problem) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Self.hexDigit(bytes[position]) else {
                throw problem("four hexadecimal digits are missing")
            }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
