import QuakeBase
import QuakeKube
import QuakeTestSupport
import Testing

@Suite("JSON values")
struct JSONTests {
    private static let wellFormed: [(String, JSONValue)] = [
        ("null", JSONValue.null),
        (" true ", true),
        ("false", false),
        ("0", 0),
        ("-7", -7),
        ("9223372036854775807", .int(.max)),
        ("-9223372036854775808", .int(.min)),
        ("9223372036854775808", .double(9_223_372_036_854_775_808)),
        ("-0", .double(-0.0)),
        ("1.0", .double(1)),
        ("1e2", .double(100)),
        ("2.5E-1", .double(0.25)),
        (#""""#, ""),
        (#""a\/\"\\\b\f\n\r\t""#, "a/\"\\\u{8}\u{c}\n\r\t"),
        (#""\u00e4\u20AC\ud83d\ude00""#, "ä€😀"),
        (#""ä€😀""#, "ä€😀"),
        ("[]", []),
        ("[1, [2,[]] ,\n3]", [1, [2, []], 3]),
        ("{}", [:]),
        (#"{"a" : {"b":[{}]}, "":null}"#, ["a": ["b": [[:]]], "": .null]),
        (#"{"a":1,"a":2}"#, ["a": 2]),
    ]

    @Test(
        "are read as RFC 8259 has them",
        arguments: wellFormed)
    func areRead(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    private static let malformed: [(String, String)] = [
        ("", "a value is missing, where the text ends at line 1, column 1 (byte 0)"),
        ("{", "a key is missing, where the text ends at line 1, column 2 (byte 1)"),
        ("{\n  \"a\": 1,\n  }", "a key is missing at line 3, column 3 (byte 14)"),
        ("[1,]", "unexpected character at line 1, column 4 (byte 3)"),
        ("[1 2]", "',' or ']' is missing at line 1, column 4 (byte 3)"),
        (#"{"a" 1}"#, "':' is missing at line 1, column 6 (byte 5)"),
        ("01", "a number with a leading zero at line 1, column 1 (byte 0)"),
        ("-", "a digit is missing, where the text ends at line 1, column 2 (byte 1)"),
        ("1.", "a digit is missing, where the text ends at line 1, column 3 (byte 2)"),
        ("1e999", "a number out of range at line 1, column 1 (byte 0)"),
        ("nul", "unexpected word at line 1, column 1 (byte 0)"),
        ("1 2", "text after the value at line 1, column 3 (byte 2)"),
        ("\"a\nb\"", "a control character in a string at line 1, column 3 (byte 2)"),
        (#""\x""#, "an unknown escape at line 1, column 3 (byte 2)"),
        (#""\ud83d""#, "half of a surrogate pair at line 1, column 8 (byte 7)"),
        (#""\ude00""#, "half of a surrogate pair at line 1, column 8 (byte 7)"),
        (#""\u12g4""#, "four hexadecimal digits are missing at line 1, column 6 (byte 5)"),
        (#""abc"#, "a string does not end, where the text ends at line 1, column 5 (byte 4)"),
    ]

    @Test(
        "that are malformed are refused with their place",
        arguments: malformed)
    func areRefused(text: String, message: String) throws {
        let error = #expect(throws: KubeError.self) { _ = try JSONValue(parsing: text) }
        #expect(error?.code == .decoding)
        #expect(error?.message == "invalid JSON: \(message)")
    }

    @Test("that are not UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: KubeError.self) { _ = try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test("are nested up to a limit, and never overflow the stack")
    func depth() throws {
        let fine = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        _ = try JSONValue(parsing: fine)
        #expect(throws: KubeError.self) { _ = try JSONValue(parsing: String(repeating: "[", count: 100_000)) }
    }

    @Test("are written canonically: keys sorted, no spaces, control characters escaped")
    func canonical() {
        let value: JSONValue = ["b": [1, 2.5, .null], "a": "x\"\\\n\u{1}ä", "Z": [:], "é": true]
        #expect(value.text() == #"{"Z":{},"a":"x\"\\\n\u0001ä","b":[1,2.5,null],"é":true}"#)
        #expect(JSONValue.int(8080).text() == "8080")
    }

    @Test("are written prettily for people")
    func pretty() {
        let value: JSONValue = ["a": [1], "b": [:]]
        #expect(value.text(pretty: true) == "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}")
    }

    @Test("survive being written and read", arguments: 0..<200)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let value = Self.arbitrary(depth: 4, &random)
        #expect(try JSONValue(parsing: value.serialized()) == value)
        #expect(try JSONValue(parsing: value.text(pretty: true)) == value)
        #expect(try JSONValue(encoding: value) == value)
        let again: JSONValue = try value.decode()
        #expect(again == value)
    }

    private static func arbitrary(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random))
        // Never whole: Foundation's coders, which the round trip passes too, write whole doubles as integers.
        case 3: return .double(Double(Int.random(in: -1000...1000, using: &random)) + 0.5)
        case 4: return .string(text(&random))
        case 5: return .array((0..<3).map { _ in arbitrary(depth: depth - 1, &random) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<3 { members[text(&random)] = arbitrary(depth: depth - 1, &random) }
            return .object(members)
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let alphabet: [Character] = ["a", "\"", "\\", "\n", "\u{1f}", "ä", "€", "😀", "/", "\u{7f}", "é"]
        return String(
            (0..<Int.random(in: 0..<6, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
    }

    @Test("are reached by key, index and path, and changed in place")
    func access() {
        var value: JSONValue = ["spec": ["taints": [["key": "a"], ["key": "b"]], "n": 3]]
        #expect(value["spec"]?["taints"]?[1]?["key"]?.stringValue == "b")
        #expect(value.at("spec", "taints", 0, "key") == "a")
        #expect(value[path: "spec.taints.1.key"] == "b")
        #expect(value[path: "spec.nothing.1"] == nil)
        value.set("x", at: "metadata", "labels", "app.kubernetes.io/name")
        value.set(nil, at: "spec", "n")
        value.set(nil, at: "absent", "n")
        value["spec"]?["taints"]?[0] = "gone"
        #expect(
            value == [
                "metadata": ["labels": ["app.kubernetes.io/name": "x"]],
                "spec": ["taints": ["gone", ["key": "b"]]],
            ])
        #expect(value.labels == ["app.kubernetes.io/name": "x"])
    }

    @Test("keep whole numbers whole and tell their kind")
    func kinds() {
        #expect(JSONValue.double(3).intValue == 3)
        #expect(JSONValue.double(3.5).intValue == nil)
        #expect(JSONValue.string("3").intValue == nil)
        #expect(JSONValue.int(3).doubleValue == 3)
        #expect(JSONValue.int(0).boolValue == nil)
    }

    @Test("say which field does not fit when decoded into a type")
    func decoding() {
        struct Wanted: Decodable {
            struct Spec: Decodable { var replicas: Int }
            var spec: Spec
        }
        let value: JSONValue = ["spec": ["replicas": "three"]]
        let error = #expect(throws: KubeError.self) { let _: Wanted = try value.decode() }
        #expect(error?.message.contains("spec.replicas") == true)
    }
}

@Suite("The objects of a manifest")
struct ManifestObjectTests {
    @Test("have their places, and the types that kubectl reads")
    func types() throws {
        let text = """
            # a comment
            ---
            apiVersion: v1
            kind: A
            data: {mode: 0644, on: yes, text: "yes", version: 1.10, big: 3.0, hex: 0x1F, under: 1_000, time: 10s}
            ---
            ---
            kind: List
            items:
              - {kind: B}
              - kind: CList
                items: [{kind: C}]
            """
        let objects = try ManifestObject.all(of: text, file: "m.yaml")
        #expect(objects.map(\.object.kind) == ["A", "B", "C"])
        #expect(objects.map { [$0.line, $0.column] } == [[3, 1], [10, 5], [12, 13]])
        #expect(
            objects[0].object["data"] == [
                "mode": 420, "on": true, "text": "yes", "version": 1.1, "big": 3, "hex": 31, "under": 1000,
                "time": "10s",
            ])
        let error = #expect(throws: KubeError.self) { try ManifestObject.all(of: "a: [", file: "m.yaml") }
        #expect(error?.message.contains("m.yaml:") == true)
    }
}
