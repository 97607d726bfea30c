/// An IP address as Go's `net.ParseIP` reads it: no leading zeros, no zone.
struct IPAddress: Hashable, CustomStringConvertible {
    /// Sixteen bytes; one of version 4 is mapped into version 6.
    private let bytes: [UInt8]

    init?(_ text: some StringProtocol) {
        if let four = Self.version4(text) {
            bytes = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + four
        } else if let sixteen = Self.version6(String(text)) {
            bytes = sixteen
        } else {
            return nil
        }
    }

    /// Mapped ones too.
    var isVersion4: Bool { bytes[..<12] == ([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF])[...] }

    /// `0.0.0.0` and `::`.
    var isUnspecified: Bool { (isVersion4 ? bytes[12...] : bytes[...]).allSatisfy { $0 == 0 } }

    var description: String {
        if isVersion4 { return bytes[12...].map { "\($0)" }.joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
            .joined(separator: ":")
    }

    /// A CIDR's family and the bits of its mask; `nil` for what is none.
    static func subnet(_ text: some StringProtocol) -> (isVersion4: Bool, bits: Int)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parts[0]), (1...3).contains(parts[1].count),
            parts[1].allSatisfy(\.isASCIIDigit), let bits = Int(parts[1])
        else { return nil }
        let isDotted = !parts[0].contains(":")
        return bits <= (isDotted ? 32 : 128) ? (address.isVersion4, bits) : nil
    }

    /// Whether a CIDR is one of version 4; `nil` for what is none.
    static func isSubnetOfVersion4(_ text: some StringProtocol) -> Bool? { subnet(text)?.isVersion4 }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part -> UInt8? in
            guard (1...3).contains(part.count), part.allSatisfy(\.isASCIIDigit), part.count == 1 || part.first != "0"
            else { return nil }
            return UInt8(part)
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard text.contains(":") else { return nil }
        guard let gap = text.firstRange(of: "::") else {
            let bytes = groups(text)
            return bytes?.count == 16 ? bytes : nil
        }
        let (head, tail) = (text[..<gap.lowerBound], text[gap.upperBound...])
        guard !tail.hasPrefix(":"), let first = head.isEmpty ? [] : groups(String(head)),
            let last = tail.isEmpty ? [] : groups(String(tail)), first.count + last.count <= 14
        else { return nil }
        return first + [UInt8](repeating: 0, count: 16 - first.count - last.count) + last
    }

    private static func groups(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let four = version4(part) else { return nil }
                bytes += four
            } else {
                guard (1...4).contains(part.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                    let value = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        return bytes
    }
}
