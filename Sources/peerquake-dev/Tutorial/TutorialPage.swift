/// A page whose commands are carried out, and whose blocks of output are what the commands wrote.
///
/// A fenced block of `bash` is carried out unless the line before it says otherwise; every other fenced block but `yaml` says
/// what it is:
///
///     <!-- tutorial: exit 64 -->, or 0 or 2                       the exit codes that are expected instead of 0
///     <!-- tutorial: in the background until "ready", for 2 blocks -->
///     <!-- tutorial: not run: WHY -->
///     <!-- tutorial: file NAME -->                                the block is a file that later blocks use
///     <!-- tutorial: output -->, or errors                        what the last block that ran wrote
///     <!-- tutorial: output, from "PASS", 2 paragraphs, by chance "TEXT" -->
struct TutorialPage {
    /// A fenced block.
    struct Block {
        /// Of its opening fence, from 1.
        var line: Int
        /// What is between the fences, as indices of ``TutorialPage/lines``.
        var body: Range<Int>
        var role: Role
    }

    /// What is done with a block.
    enum Role: Equatable {
        /// Carried out; one of the exit codes is expected.
        case run(exits: [Int])
        /// Carried out while the next `blocks` that are carried out run, once its output has had `until`.
        case background(until: String, blocks: Int)
        case notRun
        /// Written to the working folder before anything is carried out.
        case file(String)
        case output(TutorialExcerpt)
        /// Only shown.
        case text

        var isStep: Bool {
            switch self {
            case .run, .background: true
            case .notRun, .file, .output, .text: false
            }
        }
    }

    /// Without line breaks.
    private(set) var lines: [String]
    private(set) var blocks: [Block] = []
    /// `LINE: WORDS` each.
    private(set) var problems: [String] = []

    /// - Parameter text: Markdown. What cannot be meant is in ``problems``.
    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var fence: (line: Int, language: String)?
        for (index, line) in lines.enumerated() {
            if let opened = fence {
                guard line == "```" else { continue }
                add(opened.line, opened.language, opened.line + 1..<index)
                fence = nil
            } else if line.hasPrefix("```") {
                fence = (index, String(line.dropFirst(3)))
            } else if Self.marker(line) != nil, !(lines.dropFirst(index + 1).first ?? "").hasPrefix("```") {
                report("no block follows the marker", index)
            } else if line.hasPrefix("    "), index > 0, lines[index - 1].isEmpty {
                report("an indented block has no marker: write it between fences", index)
            }
        }
        if let fence { report("the block does not end", fence.line) }
    }

    private mutating func report(_ words: String, _ index: Int) { problems.append("\(index + 1): \(words)") }

    /// What a line says of the block that follows; `nil` for other lines.
    private static func marker(_ line: String) -> String? {
        line.wholeMatch(of: /<!-- tutorial: (.+) -->/).map { String($0.1) }
    }

    private mutating func add(_ fence: Int, _ language: String, _ body: Range<Int>) {
        let marker = fence > 0 ? Self.marker(lines[fence - 1]) : nil
        let role = Self.role(language, marker)
        if let role {
            if case .output = role, !blocks.contains(where: \.role.isStep) {
                report("nothing was carried out before this output", fence)
            }
            blocks.append(Block(line: fence + 1, body: body, role: role))
        } else if let marker {
            report("\"\(marker)\" says nothing of a block of \(language.isEmpty ? "text" : language)", fence - 1)
        } else {
            report("a block of \(language.isEmpty ? "text" : language) has no marker before it", fence)
        }
    }

    /// `nil` where the marker, or having none, says nothing of such a block.
    private static func role(_ language: String, _ marker: String?) -> Role? {
        guard let marker else { return language == "bash" ? .run(exits: [0]) : language == "yaml" ? .text : nil }
        if marker.wholeMatch(of: /not run: \S.*/) != nil { return language == "bash" ? .notRun : .text }
        switch language {
        case "bash":
            if let match = marker.wholeMatch(of: /exit (\d+(?: or \d+)*)/) {
                return .run(exits: match.1.split(separator: " ").compactMap { Int($0) })
            }
            if let match = marker.wholeMatch(of: /in the background until "([^"]+)", for (\d+) blocks?/),
                let blocks = Int(match.2), blocks > 0
            {
                return .background(until: String(match.1), blocks: blocks)
            }
            return nil
        case "", "text": return TutorialExcerpt(marker).map(Role.output)
        default:
            return marker.wholeMatch(of: /file ([A-Za-z0-9][A-Za-z0-9._-]*)/).map { .file(String($0.1)) }
        }
    }

    /// The text of a block, with a newline at the end of each line.
    func text(of block: Block) -> String { lines[block.body].map { $0 + "\n" }.joined() }

    /// Blocks that are carried out, in their order.
    var steps: [Block] { blocks.filter(\.role.isStep) }

    /// Every block of output with the number of the step that it is of, from 0.
    var outputs: [(step: Int, block: Block, excerpt: TutorialExcerpt)] {
        var step = -1
        return blocks.compactMap { block in
            if block.role.isStep { step += 1 }
            guard case .output(let excerpt) = block.role else { return nil }
            return (step, block, excerpt)
        }
    }

    /// The page with other outputs.
    ///
    /// - Parameter outputs: lines for each of ``outputs``, in its order.
    func filled(_ outputs: [[String]]) -> String {
        var result = lines
        for ((_, block, _), lines) in zip(self.outputs, outputs).reversed() {
            result.replaceSubrange(block.body, with: lines)
        }
        return result.joined(separator: "\n")
    }
}
