import ArgumentParser
import FoundationEssentials
import QuakePlan
import QuakePlanFiles
import QuakeShell
import QuakeShipped
import QuakeTimeline

/// `peerquake plans list|show|copy`.
struct PlansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans",
        abstract: "Show or copy the plans, manifests and kind configs that are in this program.",
        discussion: """
            A plan of the list is run by its name; a file of that name wins.

            EXAMPLES
              peerquake plans list
              peerquake run quickstart
              peerquake plans copy quickstart           # writes Plans/quickstart.yaml, to be changed
            """,
        subcommands: [List.self, Show.self, Copy.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List them with what each is about.",
            discussion: "EXAMPLE\n  peerquake plans list")

        func run() throws {
            let lines = Entry.all.map { ($0.name, $0.summary) }
            let width = lines.map(\.0.count).max() ?? 0
            for (name, summary) in lines {
                let gap = String(repeating: " ", count: width - name.count + 2)
                say(summary.isEmpty ? name : name + gap + summary)
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print one of them, byte for byte.",
            discussion: "EXAMPLE\n  peerquake plans show kind-configs/east.yaml >east.yaml")

        @Argument(help: "A name of the list.", transform: Entry.read)
        var name: Entry

        func run() { print(name.file.text, terminator: "") }
    }

    struct Copy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write some or all of them into a folder: Plans/…, Plans/manifests/…, kind-configs/….",
            discussion: """
                A plan comes with the manifests that it applies. What is there already and differs is not replaced: nothing
                is written then, and the exit code is 64.

                EXAMPLES
                  peerquake plans copy                      # all
                  peerquake plans copy rolling-upgrade --to mine
                """)

        @Argument(help: "Names of the list; all where none is given.", transform: Entry.read)
        var names: [Entry] = []

        @Option(help: "The folder; it is made where it is not there. (default: .)", transform: Checked.newDirectory)
        var to = "."

        @Flag(help: "Replace what is there and differs.")
        var force = false

        func run() throws {
            let files = FileManager.default
            var wanted: [ShippedFile] = []
            for file in (names.isEmpty ? Entry.all : names).flatMap(\.files) where !wanted.contains(file) {
                wanted.append(file)
            }
            let present = wanted.filter { files.fileExists(atPath: place(of: $0)) }
            let same = present.filter { files.contents(atPath: place(of: $0)) == Data($0.text.utf8) }
            let different = present.filter { !same.contains($0) }
            guard force || different.isEmpty else {
                throw Failure(
                    .usage, different.map { "\(place(of: $0)): it is there, and differs" }.joined(separator: "\n"),
                    hint: "Nothing was written. Add --force to replace, or --to another folder.")
            }
            for file in wanted where !same.contains(file) {
                let path = place(of: file)
                try make(folderOf: path)
                try Output.write(file.text, to: path)
                say(path)
            }
            for file in same { complain("\(place(of: file)): it is there already") }
        }

        private func place(of file: ShippedFile) -> String { to == "." ? file.path : "\(to)/\(file.path)" }

        private func make(folderOf path: String) throws {
            let folder = Plan.folder(of: path)
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw Failure(.usage, "\(folder): it cannot be made: \(error)")
            }
        }
    }

    /// One line of the list.
    struct Entry: Sendable {
        /// A plan's without folder and ending, for it is run by that; else the file's.
        var name: String
        var file: ShippedFile
        private var plan: ShippedPlan?

        static let all: [Entry] = ShippedFile.all.map { file in
            let plan = ShippedPlan.all.first { $0.file == file }
            return Entry(name: plan?.name ?? file.name, file: file, plan: plan)
        }

        /// By its name, or by the path that `copy` writes.
        static let read: Checked.Reader<Entry> = { text in
            if let entry = all.first(where: { $0.name == text || $0.file.path == text }) { return entry }
            throw ValidationError(
                "there is none of that name" + Suggestion.hint(for: text, among: all.map(\.name)))
        }

        /// The file, and those that it applies.
        var files: [ShippedFile] { [file] + (plan?.applied(actions: Wiring.current.actions) ?? []) }

        /// A plan's description, else the first sentence of the comment that the file begins with; empty where there is
        /// neither.
        var summary: String {
            let plan = try? plan?.load(actions: Wiring.current.actions)
            if let plan, !plan.description.isEmpty { return plan.description }
            let comment = file.text.split(separator: "\n", omittingEmptySubsequences: false)
                .prefix { $0.hasPrefix("# ") }.map { $0.dropFirst(2) }.joined(separator: " ")
            let ends = [". ", "? "].compactMap { comment.firstRange(of: $0)?.lowerBound }
            return ends.min().map { String(comment[...$0]) } ?? comment
        }
    }
}
