import QuakeKube
import Testing

/// Offsets are those of Go's `base64.StdEncoding`.
@Suite("Base64 as Go takes it")
struct GoBase64Tests {
    @Test(
        "is decoded with line breaks and whatever its last bits are",
        arguments: [
            ("", ""), ("QQ==", "A"), ("QUI=", "AB"), ("QUJD", "ABC"), ("QU\nJ\r\nDRA\n==\n", "ABCD"), ("QR==", "A"),
        ])
    func decoded(text: String, plain: String) throws {
        #expect(try GoBase64.decode(text) == Array(plain.utf8))
    }

    @Test(
        "names the byte that is not allowed there",
        arguments: [
            ("%", 0, 0), ("Q%==", 1, 1), ("====", 0, 0), ("Q===", 1, 1), ("QQ===", 4, 4), ("QQ==Q", 4, 4),
            ("QUJD=", 4, 4), ("Q Q==", 1, 1), ("QUJD-w==", 4, 4), ("QUJDQ", 5, 4), ("QUJ", 3, 0), ("QQ=", 3, 3),
            ("QUJD\u{E4}", 4, 4),
        ])
    func refused(text: String, offset: Int, goOffset: Int) {
        #expect(throws: GoBase64.Illegal(offset: offset, goOffset: goOffset)) { try GoBase64.decode(text) }
    }
}
