#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An IPv4 or IPv6 address, without a zone.
struct IPAddress: Sendable, Equatable {
    /// Sixteen; IPv4 is mapped, so that both spellings of one address are equal.
    let bytes: [UInt8]
    let isIPv4: Bool

    init?(_ text: String) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            let octets = withUnsafeBytes(of: &four) { Array($0) }
            bytes = Self.mapping + octets
            isIPv4 = true
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        bytes = withUnsafeBytes(of: &six) { Array($0) }
        isIPv4 = bytes.starts(with: Self.mapping)
    }

    private static let mapping = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    /// 127/8 and ::1.
    var isLoopback: Bool {
        isIPv4 ? bytes[12] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }
}

/// A range of addresses: `10.0.0.0/8`, `fd00::/8`.
struct IPRange: Sendable, Equatable {
    let first: IPAddress
    /// Of the 128 bits of a mapped address.
    let prefix: Int

    /// `nil` for what is no address, slash, and length.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let isShort = !parts[0].contains(":")
        guard (0...(isShort ? 32 : 128)).contains(length) else { return nil }
        first = address
        prefix = isShort ? length + 96 : length
    }

    func contains(_ address: IPAddress) -> Bool {
        // An IPv6 range has no IPv4 address in it, though its mapped form may lie there.
        guard first.isIPv4 == address.isIPv4 else { return false }
        return (0..<prefix).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return first.bytes[bit / 8] & mask == address.bytes[bit / 8] & mask
        }
    }
}
