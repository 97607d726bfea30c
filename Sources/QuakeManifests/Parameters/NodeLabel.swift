/// A label of nodes that are to be left out: `KEY` whatever its value, or `KEY=VALUE`.
package struct NodeLabel: Sendable, Hashable, CustomStringConvertible {
    package let key: String
    /// `nil` for any.
    package let value: String?

    package init(key: String, value: String? = nil) {
        self.key = key
        self.value = value
    }

    /// `nil` for what is no label of Kubernetes: an optional DNS prefix and a slash, then up to 63 of letters,
    /// digits, `-`, `_` and `.`, with a letter or a digit at both ends; a value likewise, or empty.
    package init?(_ text: String) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let key = sides.first, Self.isKey(key) else { return nil }
        if sides.count > 1, !sides[1].isEmpty, !Self.isName(sides[1]) { return nil }
        self.init(key: key, value: sides.count > 1 ? sides[1] : nil)
    }

    package var description: String { value.map { "\(key)=\($0)" } ?? key }

    /// Whether a node has it.
    package func isOn(_ labels: [String: String]) -> Bool {
        labels[key].map { value == nil || $0 == value } ?? false
    }

    /// A key of labels, as topology keys are too.
    package static func isKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.last, parts.count <= 2, isName(name) else { return false }
        return parts.count == 1 || isSubdomain(parts[0])
    }

    /// A DNS subdomain of RFC 1123, as names of most objects are.
    package static func isSubdomain(_ text: String) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                isName(String(part)) && !part.contains { $0 == "_" || $0.isUppercase }
            }
    }

    private static func isName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
    }
}
