import QuakeYAML
import Testing

struct YAMLTests {
    private func parse(_ text: String) throws -> YAMLNode { try YAML.parse(text, file: "t.yaml") }

    private func failure(_ text: String) -> YAMLError? {
        do {
            _ = try YAML.parse(text, file: "t.yaml")
            return nil
        } catch {
            return error
        }
    }

    @Test func nodesKnowWhereTheyWereWritten() throws {
        let root = try parse("a: 1\nlist:\n  - x\n  - {k: \"v\"}\n")
        #expect(root["a"]?.intValue == 1)
        let second = try #require(root["list"]?[1])
        #expect(second.line == 4 && second.column == 5)
        let value = try #require(second["k"])
        #expect(value.scalar == "v" && value.line == 4 && value.column == 9)
    }

    @Test func columnsCountCharactersNotBytes() throws {
        let pairs = try #require(try parse("{ä: é, b: c}").mapping)
        #expect(pairs[1].key.column == 8)
    }

    @Test(arguments: [
        ("true", true), ("False", false), ("yes", nil), ("\"true\"", nil), ("!!bool 'true'", true), ("!!str true", nil),
    ])
    func booleansFollowTheCoreSchema(text: String, expected: Bool?) throws {
        #expect(try parse("v: \(text)")["v"]?.boolValue == expected)
    }

    @Test(arguments: [("12", 12), ("-7", -7), ("0x1F", 31), ("0o17", 15), ("'12'", nil), ("1.5", nil), ("0x-1", nil)])
    func integersFollowTheCoreSchema(text: String, expected: Int?) throws {
        #expect(try parse("v: \(text)")["v"]?.intValue == expected)
    }

    @Test(arguments: [("1.5", 1.5), ("3", 3), ("1e3", 1000), (".inf", .infinity), ("inf", nil), ("0x1p3", nil)])
    func numbersFollowTheCoreSchema(text: String, expected: Double?) throws {
        #expect(try parse("v: \(text)")["v"]?.doubleValue == expected)
    }

    @Test(arguments: [("", true), ("~", true), ("null", true), ("''", false), ("'null'", false), ("0", false)])
    func nothingIsNull(text: String, expected: Bool) throws {
        #expect(try parse("v: \(text)")["v"]?.isNull == expected)
    }

    @Test func aliasesRepeatTheirAnchor() throws {
        let root = try parse("a: &x {k: [1, 2]}\nb: *x\n")
        #expect(root["b"] == root["a"])
    }

    @Test func explicitKeysWinOverMergedOnesAndEarlierMergesOverLater() throws {
        let root = try parse(
            """
            one: &one {a: 1, b: 1}
            two: &two {b: 2, c: 2}
            both: {<<: [*one, *two], c: 3, d: 3}
            single:
              <<: *two
            """)
        let both = try #require(root["both"])
        #expect(["a", "b", "c", "d"].map { both[$0]?.intValue } == [1, 1, 3, 3])
        #expect(root["single"]?["c"]?.intValue == 2)
    }

    @Test func aQuotedMergeKeyIsAnOrdinaryOne() throws {
        #expect(try parse("{'<<': 1}")["<<"]?.intValue == 1)
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", YAMLError.Code.badKey, "3:1", "\"a\" is given twice; first on line 1"),
        ("[1, 2]: x\n", .badKey, "1:1", "a key must be a scalar"),
        ("a: *nope\n", .badAlias, "1:4", "*nope names no anchor"),
        ("a: &a [*a]\n", .badAlias, "1:8", "inside the node"),
        ("a: {<<: 3}\n", .badMerge, "1:5", "there is a scalar"),
        ("a: 1\n---\nb: 2\n", .documentCount, "3:1", "second document"),
        ("# nothing\n", .documentCount, "1:1", "no document"),
        ("a: [1, 2\nb: 3\n", .syntax, "2:2", "flow sequence"),
        ("a: 'open\n", .syntax, "2:1", "end of stream"),
        ("ok: 1\n\u{1}: 2\n", .syntax, "2:1", "control characters"),
        ("\ta: 1", .syntax, "1:1", "cannot start"),
    ])
    func problemsNameTheirPlace(text: String, code: YAMLError.Code, place: String, message: String) throws {
        let error = try #require(failure(text))
        #expect(error.code == code)
        #expect(error.description.hasPrefix("t.yaml:\(place): "), "\(error)")
        #expect(error.message.contains(message), "\(error)")
    }

    @Test func anAliasBombIsRefused() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(failure(text)?.code == .tooLarge)
    }

    @Test func depthIsBoundedWithAndWithoutAliases() {
        let deep = String(repeating: "[", count: 101) + String(repeating: "]", count: 101)
        #expect(failure(deep)?.code == .tooLarge)
        let allowed = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(failure(allowed) == nil)
        let half = String(repeating: "[", count: 60) + "%" + String(repeating: "]", count: 60)
        let first = half.split(separator: "%").joined(separator: "x")
        let second = half.split(separator: "%").joined(separator: "*a")
        #expect(failure("- &a \(first)\n- \(second)\n")?.code == .tooLarge)
    }

    @Test func anchorsEndWithTheirDocument() {
        #expect(throws: YAMLError.self) { try YAML.parseAll("a: &x 1\n---\nb: *x\n", file: "t") }
    }

    @Test func everyDocumentIsReadAndEmptyOnesAreLeftOut() throws {
        let documents = try YAML.parseAll("# first\n---\nkind: A\n---\n# none\n---\nkind: B\n...\n", file: "t")
        #expect(documents.map { $0["kind"]?.scalar } == ["A", "B"])
        #expect(try YAML.parseAll("", file: "t").isEmpty)
    }

    @Test func jsonIsRead() throws {
        let root = try parse(#"{"a": [1, true, null, "x\n\u00e4\/"], "b": {}}"#)
        #expect(root["a"]?[3]?.scalar == "x\nä/")
        #expect(root["b"]?.mapping == [])
    }
}
