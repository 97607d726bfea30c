import QuakeBase
import Testing

@Suite("Request targets")
struct RequestTargetTests {
    @Test("are taken apart and decoded")
    func parts() {
        let target = RequestTarget("/api/v1/pods/a%2Fb?limit=500&labelSelector=a%3Db+c&watch&limit=1")
        #expect(target.path == "/api/v1/pods/a%2Fb")
        #expect(target.segments == ["api", "v1", "pods", "a/b"])
        #expect(target.query.map(\.name) == ["limit", "labelSelector", "watch", "limit"])
        #expect(target.values("limit") == ["500", "1"] && target.values("labelSelector") == ["a=b c"])
        #expect(target.values("watch") == [""] && target.values("absent").isEmpty)
    }

    @Test("may lack anything")
    func malformed() {
        #expect(RequestTarget("").path.isEmpty && RequestTarget("").query.isEmpty)
        #expect(RequestTarget("/").segments.isEmpty && RequestTarget("//a//b/").segments == ["a", "b"])
        #expect(RequestTarget("?").path.isEmpty && RequestTarget("/x?&&").query.isEmpty)
        let odd = RequestTarget("/x?=&=1&a==b&c?d=?")
        #expect(odd.query.map(\.name) == ["", "", "a", "c?d"])
        #expect(odd.query.map(\.value) == ["", "1", "=b", "?"])
    }
}

@Suite("Percent-encoding")
struct PercentEncodingTests {
    @Test("keeps unreserved characters, and colons in a path")
    func encode() {
        #expect(PercentEncoding.segment("a-b._~Z9:x") == "a-b._~Z9:x")
        #expect(PercentEncoding.segment("a/b ?") == "a%2Fb%20%3F")
        #expect(PercentEncoding.query("a=b:c&+%") == "a%3Db%3Ac%26%2B%25")
        #expect(PercentEncoding.query("ü") == "%C3%BC")
        #expect(PercentEncoding.fieldName("a.b/c d%e~!#$&'*+-^_`|") == "a.b%2Fc%20d%25e~!#$&'*+-^_`|")
        #expect(PercentEncoding.query([]).isEmpty)
        #expect(PercentEncoding.query([("a", "1"), ("b c", "")]) == "?a=1&b%20c=")
    }

    @Test(
        "is undone, and what is none stays",
        arguments: [
            ("a%20b", "a b"), ("%C3%bc", "ü"), ("%2525", "%25"), ("", ""), ("a+b", "a+b"), ("%zz%4", "%zz%4"),
            ("%", "%"),
            ("%+1%-1% 1", "%+1%-1% 1"), ("%%41", "%A"), ("%FF", "\u{FFFD}"),
        ])
    func decode(text: String, plain: String) { #expect(text.percentDecoded == plain) }

    @Test("comes back from a query as it went in")
    func inverse() {
        let values = ["a=b,c in (d)", "1+1 %41", "ü/?#&", ""]
        let target = RequestTarget("/x" + PercentEncoding.query(values.map { ("v", $0) }))
        #expect(target.values("v") == values)
    }
}
