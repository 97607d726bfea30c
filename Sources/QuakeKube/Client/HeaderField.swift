import QuakeBase

/// What may stand in a header, and how Go writes names of headers.
enum HeaderField {
    /// Whether a header may have this value: no control character but a tab. A line break would begin another header.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// A key of an account's extra fields as part of a header's name, percent-encoded as client-go does
    /// (`transport/round_trippers.go`), in the letters that Go's canonical form has.
    static func escaped(_ key: String) -> String {
        canonical(PercentEncoding.fieldName(key))
    }

    /// A capital after each hyphen, small letters elsewhere.
    private static func canonical(_ name: String) -> String {
        var isFirst = true
        let bytes = name.utf8.map { byte -> UInt8 in
            defer { isFirst = byte == UInt8(ascii: "-") }
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): return isFirst ? byte - 32 : byte
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): return isFirst ? byte : byte + 32
            default: return byte
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Kubeconfig.Impersonation {
    /// As client-go sends it.
    var headers: [(name: String, value: String)] {
        var headers = [(name: "Impersonate-User", value: user)]
        if let uid { headers.append(("Impersonate-Uid", uid)) }
        headers += groups.map { ("Impersonate-Group", $0) }
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            headers += values.map { ("Impersonate-Extra-\(HeaderField.escaped(key))", $0) }
        }
        return headers
    }
}
