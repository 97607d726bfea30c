import Foundation
import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

/// Reports on terminals of any width.
@Suite("Reports on a narrow terminal")
struct NarrowTests {
    /// Each report that a terminal is shown.
    enum Kind: String, CaseIterable, Sendable {
        case run, awkward, repeated, comparison, history

        func text(color: Bool, width: PageWidth) throws -> String {
            switch self {
            case .run:
                TerminalReport(
                    try ReportTests.findings(), directory: "runs/made", color: color, width: width
                ).text()
            case .awkward:
                TerminalReport(
                    try ReportTests.awkward(), directory: "runs/made", color: color, width: width
                ).text()
            case .repeated:
                TerminalReport(
                    try LongRunTests.findings(), directory: "runs/made", color: color, width: width
                ).text()
            case .comparison:
                ComparisonTerminal(
                    ComparisonReportTests.comparison(), command: "peerquake compare runs/after --baseline runs/before",
                    color: color, width: width
                ).text()
            case .history:
                HistoryTerminal(
                    ComparisonReportTests.history(), unreadable: ["runs/x: it holds no run that could be read"],
                    command: "peerquake history runs", color: color, width: width
                ).text()
            }
        }
    }

    private static func plain(_ text: String) -> String { text.replacing(/\u{1B}\[[0-9;]*m/, with: "") }

    @Test(
        "have no line that is wider, but for a word that is", arguments: Kind.allCases, [30, 40, 60, 79, 80])
    func width(kind: Kind, columns: Int) throws {
        for color in [false, true] {
            let text = Self.plain(try kind.text(color: color, width: PageWidth(columns)))
            for line in text.split(separator: "\n") {
                let isWord = !line.drop { $0 == " " }.contains(" ")
                #expect(line.count <= columns || isWord, "\(columns): \(line)")
            }
        }
    }

    @Test("leave nothing out that is there at 80 columns", arguments: Kind.allCases, [40, 60])
    func whole(kind: Kind, columns: Int) throws {
        func words(_ text: String) -> [String: Int] {
            let words = text.split { !$0.isLetter && !$0.isNumber && $0 != "." }.map(String.init)
            return Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
        }
        let wide = words(try kind.text(color: false, width: .standard))
        let narrow = words(try kind.text(color: false, width: PageWidth(columns)))
        // Titles of columns are told in every row that has a figure, or in none.
        let titles: Set = [
            "fault", "lane", "loss", "share", "blackout", "onset", "recovery", "p99", "msgs", "hit", "worst", "trial",
            "by", "target", "class", "errno", "count", "longest", "key", "verdict", "trend", "bad", "since", "start",
            "UTC", "run", "exit", "baseline", "candidate", "difference", "A",
        ]
        for (word, count) in wide where !titles.contains(word) {
            #expect(narrow[word, default: 0] >= min(count, 1), "\(word)")
            // Figures come as often as there.
            if word.contains(where: \.isNumber) { #expect(narrow[word, default: 0] >= count, "\(word)") }
        }
    }

    @Test("are the same at 80 columns, in pipes, and on terminals that are wider", arguments: Kind.allCases)
    func standard(kind: Kind) throws {
        let text = try kind.text(color: false, width: .standard)
        for columns in [nil, 80, 81, 250] {
            #expect(try kind.text(color: false, width: PageWidth(columns)) == text)
        }
    }

    @Test("stack the rows of their tables", arguments: [Kind.run, .repeated, .comparison])
    func stacked(kind: Kind) throws {
        try compare(try kind.text(color: false, width: PageWidth(40)), with: "\(kind.rawValue)-40.txt")
    }
}
