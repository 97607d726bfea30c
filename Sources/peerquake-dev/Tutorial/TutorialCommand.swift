import ArgumentParser
import FoundationEssentials
import QuakeShell
import QuakeTimeline

/// `peerquake-dev tutorial unpack|fill`: the two halves of `scripts/tutorial`.
struct TutorialCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tutorial", abstract: "Take a page's commands out, and put their outputs in.",
        discussion: "EXAMPLE\n  scripts/tutorial --check", subcommands: [Unpack.self, Fill.self])

    /// A page of Markdown that can be carried out.
    struct Source: ParsableArguments {
        @Argument(help: "The page.", transform: Checked.file)
        var page: String

        /// - Throws: ``Failure``, of usage, with every problem of the page as `FILE:LINE: WORDS`.
        func read() throws -> TutorialPage {
            let result = TutorialPage(String(decoding: try Data(contentsOf: URL(filePath: page)), as: UTF8.self))
            guard result.problems.isEmpty else {
                throw Failure(.usage, result.problems.map { "\(page):\($0)" }.joined(separator: "\n"))
            }
            return result
        }
    }

    /// The file of a step or of its output; steps count from 0, and names sort.
    private static func file(_ step: Int, _ ending: String) -> String {
        "\(step + 1 < 10 ? "0" : "")\(step + 1).\(ending)"
    }

    struct Unpack: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write every block that is to be carried out into a folder.",
            discussion: """
                NN.sh is a block, NN.exit its exit codes, or NN.until the words to wait for and the number of blocks for
                which it stays in the background. files/ is the working folder; not-run/ has what is only parsed.

                EXAMPLE
                  peerquake-dev tutorial unpack docs/tutorial.md --to steps
                """)

        @OptionGroup var source: Source

        @Option(help: "The folder; it is made where it is not there.", transform: Checked.newDirectory)
        var to: String

        func run() throws {
            let page = try source.read()
            for folder in ["files", "not-run"] {
                try FileManager.default.createDirectory(atPath: "\(to)/\(folder)", withIntermediateDirectories: true)
            }
            var step = 0
            for block in page.blocks {
                let text = page.text(of: block)
                switch block.role {
                case .run(let codes):
                    let words = codes.map { "\($0)" }.joined(separator: " ")
                    try write("\(words)\n", TutorialCommand.file(step, "exit"))
                case .background(let until, let blocks):
                    try write("\(blocks) \(until)\n", TutorialCommand.file(step, "until"))
                case .notRun: try write(text, "not-run/line-\(block.line).sh")
                case .file(let name): try write(text, "files/\(name)")
                case .output, .text: break
                }
                guard block.role.isStep else { continue }
                try write(text, TutorialCommand.file(step, "sh"))
                step += 1
            }
        }

        private func write(_ text: String, _ name: String) throws {
            try Data(text.utf8).write(to: URL(filePath: "\(to)/\(name)"))
        }
    }

    struct Fill: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put outputs into the page, or compare their shapes.",
            discussion: """
                Outputs are NN.stdout and NN.stderr of the steps that unpack numbered. Shapes are lines without figures,
                times, names and widths. With --check the page stays, and another shape is exit code 1.

                EXAMPLE
                  peerquake-dev tutorial fill docs/tutorial.md --outputs said --check
                """)

        @OptionGroup var source: Source

        @Option(help: "The folder of outputs.", transform: Checked.directory)
        var outputs: String

        @Flag(help: "Compare with the page, and do not write it.")
        var check = false

        func run() throws {
            let page = try source.read()
            var filled: [[String]] = []
            var problems: [String] = []
            for (step, block, excerpt) in page.outputs {
                let name = TutorialCommand.file(step, excerpt.stream.ending)
                guard let data = FileManager.default.contents(atPath: "\(outputs)/\(name)") else {
                    throw Failure(
                        .usage, "--outputs \(outputs): there is no \(name) for line \(block.line) of the page")
                }
                let lines = excerpt.lines(of: String(decoding: data, as: UTF8.self))
                filled.append(lines)
                let (old, new) = (
                    TutorialShape(Array(page.lines[block.body]), leavingOut: excerpt.chance),
                    TutorialShape(lines, leavingOut: excerpt.chance)
                )
                if lines.isEmpty {
                    problems.append(
                        "\(source.page):\(block.line): \(name) has no line for it: \(excerpt.from ?? "any")")
                } else if check, !old.agrees(with: new) {
                    let differences = old.difference(from: new).map { "    \($0)" }
                    problems.append(
                        (["\(source.page):\(block.line): another shape than \(name)"] + differences).joined(
                            separator: "\n"))
                }
            }
            for problem in problems { complain(problem, .error) }
            guard problems.isEmpty else { throw ExitCode(1) }
            if check { return say("\(filled.count) blocks of output have the shapes of the page") }
            try Data(page.filled(filled).utf8).write(to: URL(filePath: source.page))
            say("\(filled.count) blocks of output are written to \(source.page)")
        }
    }
}
