import FoundationEssentials
import Testing

@testable import QuakePlan

/// Texts that users see, by file: documents, comments and descriptions of plans, scripts, and the strings of the sources.
private enum UserTexts {
    /// Words and other marks of a text in order; a mark that ends a phrase is `|`, a number is `#`.
    struct Token {
        var word: String
        var line: Int
    }

    static let documents: [String] =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] + files("docs", ending: ".md")
    static let commented: [String] =
        files("Plans", ending: ".yaml") + files("kind-configs", ending: ".yaml")
        + files("Tests/Recovery", ending: ".yaml") + ["docs/runner-rbac.yaml", "docs/auditor-rbac.yaml"]
    static let scripts: [String] = files("scripts", ending: "")
        .filter { !$0.hasSuffix(".json") && !$0.contains("__pycache__") }
    /// Tables of fields are Kubernetes' own words.
    static let sources: [String] =
        (files("Sources", ending: ".swift") + files("Benchmarks", ending: ".swift"))
        .filter { !$0.contains("/Schema/FieldTable") }
    static let tests: [String] = files("Tests", ending: ".swift")

    /// The files below a folder, by their paths in the repository.
    static func files(_ folder: String, ending: String) -> [String] {
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/\(folder)")) ?? []
        return all.filter { $0.hasSuffix(ending) && !$0.contains(".build") }.sorted().map { "\(folder)/\($0)" }
            .filter { path in
                var isDirectory = false
                let exists = FileManager.default.fileExists(
                    atPath: "\(Repository.root)/\(path)", isDirectory: &isDirectory)
                return exists && !isDirectory
            }
    }

    static func lines(_ path: String) throws -> [(text: Substring, line: Int)] {
        try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { ($1, $0 + 1) }
    }

    /// Whole documents.
    static func document(_ path: String) throws -> [Token] {
        try lines(path).flatMap { tokens($0.text, line: $0.line) }
    }

    /// Comments and descriptions of YAML; of a script every line that may be one or may print something.
    static func remarks(_ path: String, isScript: Bool) throws -> [Token] {
        try lines(path).flatMap { text, line -> [Token] in
            let trimmed = text.drop { $0 == " " }
            if trimmed.hasPrefix("#") { return tokens(trimmed.drop { $0 == "#" }, line: line) }
            let isPrinted = isScript && text.contains { $0 == "'" || $0 == "\"" }
            let isShown = isPrinted || text.contains("#") || text.contains("description")
            return isShown ? [Token(word: "|", line: line)] + tokens(text, line: line) : []
        }
    }

    /// String literals of a Swift source, or of a test source only the names of tests.
    static func strings(_ path: String) throws -> [Token] {
        var isInside = false
        var result: [Token] = []
        for (text, line) in try lines(path) {
            let trimmed = text.drop { $0 == " " }
            let delimiters = text.ranges(of: "\"\"\"").count
            if isInside {
                if delimiters == 1 { isInside = false } else { result += tokens(text, line: line) }
                continue
            }
            if trimmed.hasPrefix("//") { continue }
            if delimiters % 2 == 1 {
                isInside = true
                result.append(Token(word: "|", line: line))
                continue
            }
            // A literal that goes on in the next line begins with a `+` there.
            if !trimmed.hasPrefix("+") { result.append(Token(word: "|", line: line)) }
            // What is interpolated has literals of its own, so all from the first quotation mark to the last one is read.
            guard let first = text.firstIndex(of: "\""), let last = text.lastIndex(of: "\"") else { continue }
            result += tokens(text[first..<last].dropFirst(), line: line)
        }
        return result
    }

    static func names(_ path: String) throws -> [Token] {
        let text = try Repository.text(path)
        var result: [Token] = []
        for attribute in ["@Test(", "@Suite("] {
            for part in text.split(separator: attribute, omittingEmptySubsequences: false).dropFirst() {
                let start = part.drop { $0.isWhitespace }
                guard start.hasPrefix("\"") else { continue }
                result += [Token(word: "|", line: 0)] + tokens(literal(start), line: 0)
            }
        }
        return result
    }

    /// The literal that a text begins with, without its quotation marks.
    private static func literal(_ text: Substring) -> Substring {
        var isEscaped = false
        let end = text.indices.dropFirst().first { index in
            defer { isEscaped = !isEscaped && text[index] == "\\" }
            return text[index] == "\"" && !isEscaped
        }
        return text[..<(end ?? text.endIndex)].dropFirst()
    }

    private static func tokens(_ text: Substring, line: Int) -> [Token] {
        var result: [Token] = []
        var word = ""
        func flush() {
            guard let first = word.first else { return }
            result.append(Token(word: first.isNumber ? "#" : word.lowercased(), line: line))
            word = ""
        }
        for character in text {
            let isPart = character.isLetter || character.isNumber || (!word.isEmpty && "-'’".contains(character))
            if isPart {
                word.append(character)
            } else {
                flush()
                if !character.isWhitespace { result.append(Token(word: "|", line: line)) }
            }
        }
        flush()
        return result
    }
}

/// The wording of everything that a user reads: plain technical English, as in the documents of Kubernetes.
struct UserTextTests {
    private static let phrases: [String: String] = turns.merging(stands) { first, _ in first }

    private static let stands: [String: String] = {
        var result: [String: String] = [:]
        for verb in ["stand", "stands", "stood"] {
            for place in ["in", "on", "at", "beside", "there", "here", "below", "above"] {
                result["\(verb) \(place)"] = "is or are \(place)"
            }
        }
        return result
    }()

    /// What is not said, with what is said in its place. `#` is a number.
    private static let turns: [String: String] = [
        "each #": "every 10 s", "each second": "every second", "each minute": "every minute",
        "each hour": "every hour", "each night": "every night", "each day": "every day",
        "by nodeport": "via NodePort", "by loadbalancer": "via LoadBalancer", "by either method": "via either method",
        "by both methods": "via both methods", "by each method": "via each method",
        "by each peering method": "per peering method", "to be had": "available", "to be seen": "visible",
        "on end": "in a row", "say of": "say about", "says of": "says about", "said of": "said about",
        "tell of": "report", "tells of": "reports", "told of": "reported", "is told": "is reported",
        "are told": "are reported", "be told": "be reported", "beside": "next to, in addition to",
        "anew": "again", "likewise": "also", "for want of": "because of missing", "in vain": "without effect",
        "whatever became": "regardless of", "whatever becomes": "regardless of", "whatever happened": "in every case",
        "whatever happens": "in every case", "held against": "compared with", "come about": "happen",
        "comes about": "happens", "came about": "happened", "for so long": "for that time",
        "count in nothing": "are not counted", "counts in nothing": "is not counted",
        "counts for nothing": "is ignored", "cries wolf": "raises a false alarm", "under way": "in progress",
        "go on": "continue", "goes on": "continues", "going on": "in progress", "went on": "continued",
        "put back": "restored", "puts back": "restores", "of its own": "its own, separate",
        "of their own": "their own, separate", "nobody": "no one, nothing", "somebody": "someone, another run",
        "anybody": "anyone", "whoever": "a user who", "carry out": "run", "carries out": "runs",
        "not at hand": "not available", "is no": "is not a", "are no": "are not", "was no": "was not a",
        "were no": "were not", "be no": "not be a", "stands alone": "is unqualified", "stood still": "stalled",
        "stand still": "stall", "stands still": "stalls", "standing still": "stalling", "thereof": "of it",
        "whence": "from which", "lest": "so that not", "upon": "on", "hence": "therefore", "thereby": "so",
        "by now": "now, any more", "all the same": "anyway", "for good": "permanently", "without a word": "silently",
        "passes over": "ignores", "wants so": "asks for that", "so long after": "this long after",
        "makes again": "recreates", "amid": "in the middle of", "alike": "both, in the same way", "freed of": "without",
        "comes to": "evaluates to, reaches", "comes round": "starts over", "as it stands": "unchanged",
        "of old": "earlier", "in the dark": "unknown", "to no avail": "without effect", "be it": "whether",
    ]

    /// The archive's own word, which its reader knows.
    private static let wire = ["Sources/QuakeRecord/HealingOutcome.swift": Set(["anew", "somebody"])]

    private func hits(_ tokens: [UserTexts.Token], _ path: String) -> [String] {
        let longest = Self.phrases.keys.map { $0.split(separator: " ").count }.max() ?? 0
        var result: [String] = []
        for start in tokens.indices where tokens[start].word != "|" {
            for length in 1...longest where start + length <= tokens.count {
                let phrase = tokens[start..<start + length].map(\.word).joined(separator: " ")
                guard let better = Self.phrases[phrase], !(Self.wire[path]?.contains(phrase) ?? false) else { continue }
                if phrase.hasSuffix(" no"), isPlain(tokens, start) { continue }
                result.append("\(path):\(tokens[start].line): \"\(phrase)\"; say: \(better)")
            }
        }
        return result
    }

    /// `there is no X`, `is no longer`: the plain uses of `is no`.
    private func isPlain(_ tokens: [UserTexts.Token], _ start: Int) -> Bool {
        if start > 0, tokens[start - 1].word == "there" { return true }
        guard start + 2 < tokens.count else { return true }
        return ["longer", "more", "less", "|"].contains(tokens[start + 2].word)
    }

    /// Fails with each phrase, its place and what to say instead.
    private func expectPlain(_ tokens: [UserTexts.Token], _ path: String) throws {
        let found = hits(tokens, path)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func documentsArePlain() throws {
        #expect(UserTexts.documents.contains("docs/measurement.md"))
        for path in UserTexts.documents { try expectPlain(UserTexts.document(path), path) }
    }

    @Test func plansAndConfigurationsArePlain() throws {
        #expect(UserTexts.commented.contains("Plans/quickstart.yaml"))
        for path in UserTexts.commented { try expectPlain(UserTexts.remarks(path, isScript: false), path) }
    }

    @Test func scriptsArePlain() throws {
        #expect(UserTexts.scripts.contains("scripts/test"))
        for path in UserTexts.scripts { try expectPlain(UserTexts.remarks(path, isScript: true), path) }
    }

    @Test func stringsOfTheSourcesArePlain() throws {
        #expect(UserTexts.sources.contains("Sources/peerquake/Peerquake.swift"))
        for path in UserTexts.sources { try expectPlain(UserTexts.strings(path), path) }
    }

    @Test func namesOfTestsArePlain() throws {
        for path in UserTexts.tests { try expectPlain(UserTexts.names(path), path) }
    }

    @Test func aPhraseIsFoundAcrossLinesAndAStopEndsIt() throws {
        func tokens(_ words: String) -> [UserTexts.Token] {
            words.split(separator: " ").map { UserTexts.Token(word: String($0), line: 1) }
        }
        #expect(hits(tokens("renewed each # s"), "t") == ["t:1: \"each #\"; say: every 10 s"])
        #expect(hits(tokens("this is no fault of ours"), "t").count == 1)
        #expect(hits(tokens("there is no fault"), "t").isEmpty && hits(tokens("it is no longer"), "t").isEmpty)
        #expect(hits(tokens("it goes | on the node"), "t").isEmpty)
    }
}

struct GlossaryTests {
    private func terms() throws -> [String] {
        try Repository.text("docs/glossary.md").split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
            .compactMap { $0.split(separator: "|").first.map { Quantity.trimmed($0) } }
    }

    @Test func listsTheTermsInOrder() throws {
        let terms = try terms()
        #expect(terms == terms.sorted { $0.lowercased() < $1.lowercased() } && Set(terms).count == terms.count)
        let required = [
            "archive", "baseline", "blackout", "brownout", "cell", "dial", "expectation", "fault", "hold", "hypothesis",
            "journal", "lane", "loss", "matrix", "onset", "outage", "peering method", "plan", "recovery", "sample",
            "slot", "step", "suspect", "trial", "verdict", "window",
        ]
        #expect(Set(required).subtracting(terms) == [])
    }

    @Test func saysOfEachTermWhereItIsShown() throws {
        for line in try Repository.text("docs/glossary.md").split(separator: "\n") where line.hasPrefix("| ") {
            #expect(line.split(separator: "|").count == 3, "\(line)")
        }
        #expect(try Repository.text("docs/README.md").contains("glossary.md"))
    }

    @Test func hasEveryExpectation() throws {
        let text = try Repository.text("docs/glossary.md")
        for key in ["availability", "recovery", "blackout", "onset"] { #expect(text.contains("| \(key) |")) }
    }
}
