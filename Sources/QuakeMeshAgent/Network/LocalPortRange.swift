import FoundationEssentials

/// The ports that the kernel gives to connections of a network namespace.
package enum LocalPortRange {
    /// Linux's own (`net.ipv4.ip_local_port_range`).
    package static let usual: ClosedRange<UInt16> = 32_768...60_999

    /// As the kernel says; ``usual`` where it does not.
    ///
    /// - Parameter path: two numbers, for IPv4 and IPv6 alike.
    package static func read(_ path: String = "/proc/sys/net/ipv4/ip_local_port_range") -> ClosedRange<UInt16> {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        return text.flatMap(parse) ?? usual
    }

    /// `nil` for what is no range.
    package static func parse(_ text: String) -> ClosedRange<UInt16>? {
        let ends = text.split(whereSeparator: \.isWhitespace).map { UInt16($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first > 0, first <= last else { return nil }
        return first...last
    }
}
