import ArgumentParser
import FoundationEssentials
import QuakeKube
import QuakeShell
import QuakeTimeline

/// `peerquake-dev manual`: what docs/peerquake.1 is made of.
struct ManualCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Print the manual page of the peerquake in the same folder as this program.",
        discussion: "EXAMPLE\n  peerquake-dev manual >docs/peerquake.1")

    func run() async throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = "\(own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex))/peerquake"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw Failure(.usage, "\(program) is not there", hint: "Build it with: swift build --product peerquake")
        }
        let help: CommandResult
        do throws(KubeError) {
            help = try await Command([program, "--experimental-dump-help"]).run(timeout: .seconds(30))
        } catch {
            throw Failure(.internalError, "\(error)")
        }
        print(try ManualPage(parsing: help.standardOutput).text(), terminator: "")
    }
}

/// A manual page in man(7)'s macros, from the parser's own description of the command line.
struct ManualPage {
    private let root: JSONValue

    /// - Parameter help: JSON as `--experimental-dump-help` prints it.
    init(parsing help: String) throws { root = try JSONValue(parsing: help)["command"] ?? .null }

    /// The whole page.
    func text() -> String {
        let name = root["commandName"]?.stringValue ?? ""
        var lines = [
            ".\\\" Made by: peerquake-dev manual", ".TH \(name.uppercased()) 1 \"\" \"\(name)\" \"User commands\"",
            ".SH NAME",
            Self.escaped("\(name) - \(root["abstract"]?.stringValue ?? "")"), ".SH SYNOPSIS",
            ".B \(name)", ".I command", "[option ...]", ".SH DESCRIPTION",
        ]
        lines += Self.prose(root["discussion"]?.stringValue ?? "")
        lines.append(".SH COMMANDS")
        for command in Self.commands(of: root) { lines += Self.section(command, path: [name]) }
        lines += [
            ".SH EXIT STATUS",
            Self.escaped(
                "0 pass; 1 an expectation failed, or the plan aborted; 2 inconclusive, or not healthy to begin with; "
                    + "3 regression against a baseline; 4 a fault was not injected; 5 clean-up incomplete; 64 bad usage or "
                    + "plan; 69 a cluster is locked, cannot be reached or denies a right; 70 internal error; 130, 143 "
                    + "interrupted and healed. Of several: 5, 130 or 143, 70, 69, 64, 4, 1, 3, 2, 0."
            ),
            ".SH FILES", ".TP", ".I runs/ID", "A run's archive: run.sqlite, journal.ndjson, summary.json, evidence/.",
            ".SH ENVIRONMENT", ".TP", ".B KUBECONFIG", "The kubeconfig where --kubeconfig is not given.", ".TP",
            ".B HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
            "The way to API servers whose cluster has no proxy-url; as for kubectl.", ".TP",
            ".B NO_COLOR", "No colours on the terminal.", ".TP", ".B GITHUB_STEP_SUMMARY",
            "A run adds its summary, as Markdown, to this file.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func commands(of command: JSONValue) -> [JSONValue] {
        (command["subcommands"]?.arrayValue ?? []).filter {
            ($0["shouldDisplay"]?.boolValue ?? true) && $0["commandName"]?.stringValue != "help"
        }
    }

    private static func section(_ command: JSONValue, path: [String]) -> [String] {
        let own = path + [command["commandName"]?.stringValue ?? ""]
        let arguments = (command["arguments"]?.arrayValue ?? []).filter {
            ($0["shouldDisplay"]?.boolValue ?? true)
                && !["help", "version"].contains($0["valueName"]?.stringValue ?? "")
        }
        let names = arguments.filter { $0["kind"]?.stringValue == "positional" }.map { argument in
            let name = "<\(argument["valueName"]?.stringValue ?? "")>"
            return argument["isRepeating"]?.boolValue == true ? name + " ..." : name
        }
        var lines = [".SS \(escaped(([own.joined(separator: " ")] + names).joined(separator: " ")))"]
        lines.append(escaped(command["abstract"]?.stringValue ?? ""))
        for argument in arguments { lines += item(argument) }
        lines += prose(command["discussion"]?.stringValue ?? "")
        return lines + commands(of: command).flatMap { section($0, path: own) }
    }

    private static func item(_ argument: JSONValue) -> [String] {
        let value = argument["valueName"]?.stringValue ?? ""
        let names = (argument["names"]?.arrayValue ?? []).map { name in
            (name["kind"]?.stringValue == "long" ? "--" : "-") + (name["name"]?.stringValue ?? "")
        }
        let isFlag = argument["kind"]?.stringValue == "flag"
        let head = names.isEmpty ? "<\(value)>" : names.joined(separator: ", ") + (isFlag ? "" : " <\(value)>")
        var words = argument["abstract"]?.stringValue ?? ""
        if let start = argument["defaultValue"]?.stringValue, !isFlag { words += " (default: \(start))" }
        return [".TP", ".B \(escaped(head))", escaped(words)]
    }

    /// Paragraphs as they stand; what is indented, and headings, line by line.
    private static func prose(_ text: String) -> [String] {
        var lines: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") {
                // As it stands: a command is to be copied.
                if lines.last == ".fi" { lines.removeLast() } else { lines.append(".nf") }
                lines += [escaped("    " + line.drop { $0 == " " }), ".fi"]
            } else if line.isEmpty {
                lines.append(".PP")
            } else if line == line.uppercased(), line.contains(where: \.isLetter) {
                lines += [".PP", ".B \(escaped(String(line)))"]
            } else {
                lines.append(escaped(String(line)))
            }
        }
        return lines.isEmpty ? [] : [".PP"] + lines
    }

    /// A hyphen is one that can be searched for; a line does not begin a macro by chance.
    private static func escaped(_ text: String) -> String {
        let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
    }
}
