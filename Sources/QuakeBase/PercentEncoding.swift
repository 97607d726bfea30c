/// Percent-encoding (RFC 3986, 2.1), in capitals.
package enum PercentEncoding {
    /// Encodes everything but unreserved characters and `:`, which stands in names of RBAC objects and proxied pods.
    package static func segment(_ text: String) -> String { encode(text, keeping: ":") }

    /// Encodes everything but unreserved characters.
    package static func query(_ text: String) -> String { encode(text, keeping: "") }

    /// Encodes everything but what the name of a header may have (RFC 9110's `token`); `%` is encoded too.
    package static func fieldName(_ text: String) -> String { encode(text, keeping: "!#$&'*+^`|") }

    /// What follows a path: `?a=b&c=d`, names and values encoded, in the order given; empty where there are none.
    package static func query(_ pairs: [(String, String)]) -> String {
        let words = pairs.map { "\(query($0.0))=\(query($0.1))" }
        return words.isEmpty ? "" : "?" + words.joined(separator: "&")
    }

    private static func encode(_ text: String, keeping extra: String) -> String {
        let kept = Set("-._~\(extra)".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case _ where kept.contains(byte): bytes.append(byte)
            default:
                let digits = Array("0123456789ABCDEF".utf8)
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a hexadecimal digit is worth.
    fileprivate static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension StringProtocol {
    /// The text with percent-encoding (RFC 3986, 2.1) undone, as UTF-8; a `%` without two hexadecimal digits stays.
    package var percentDecoded: String {
        guard contains("%") else { return String(self) }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(PercentEncoding.digit)
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
