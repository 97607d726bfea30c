import Foundation
import QuakeEnvironment
import QuakeKube
import QuakeTestSupport
import Testing

/// Which command reads `peerquake.yaml`, and which one's standard error can be quiet or JSON: docs/configuration.md has the
/// table, and the program keeps to it.
@Suite("Options that commands share")
struct CommonOptionTests {
    /// A row of the table, for one of its commands.
    private struct Row {
        var settings: Set<Setting>
        var hasLog: Bool
        var reason: String
    }

    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private static func rows() throws -> [String: Row] {
        let page = try String(
            contentsOf: BuiltCommand.root.appending(path: "docs/configuration.md"), encoding: .utf8)
        let begin = try #require(page.firstRange(of: "<!-- commands: CommonOptionTests"))
        let end = try #require(page.firstRange(of: "<!-- commands: end -->"))
        var rows: [String: Row] = [:]
        for line in page[begin.upperBound..<end.lowerBound].split(separator: "\n").dropFirst(3) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count >= 3, "\(line)")
            func names(_ cell: String) -> [String] { cell.matches(of: /`([^`]+)`/).map { String($0.output.1) } }
            let settings = try names(cells[1]).map { try #require(Setting(rawValue: $0), "\($0)") }
            try #require(cells[1] == "all" || cells[1] == "none" || !settings.isEmpty, "\(line)")
            try #require(["yes", "no"].contains(cells[2]), "\(line)")
            for command in names(cells[0]) {
                #expect(rows[command] == nil, "\(command) has two rows")
                rows[command] = Row(
                    settings: Set(cells[1] == "all" ? Setting.allCases : settings), hasLog: cells[2] == "yes",
                    reason: cells.count > 3 ? cells[3] : "")
            }
        }
        return rows
    }

    /// Every command that does something, with its options.
    private static func commands() async throws -> [String: Set<String>] {
        let help = try await Command([BuiltCommand.path(), "--experimental-dump-help"]).run(timeout: .seconds(60))
        var found: [String: Set<String>] = [:]
        func look(_ command: JSONValue, _ path: [String]) {
            func name(_ command: JSONValue) -> String { command["commandName"]?.stringValue ?? "" }
            let children = (command["subcommands"]?.arrayValue ?? []).filter { name($0) != "help" }
            for child in children { look(child, path + [name(child)]) }
            guard children.isEmpty else { return }
            let names = (command["arguments"]?.arrayValue ?? []).flatMap { $0["names"]?.arrayValue ?? [] }
            let long = names.filter { $0["kind"]?.stringValue == "long" }.compactMap { $0["name"]?.stringValue }
            found[path.joined(separator: " ")] = Set(long.map { "--\($0)" })
        }
        look(try JSONValue(parsing: help.standardOutput)["command"] ?? .null, [])
        return found
    }

    @Test("have a row for every command, with a reason where one takes less than others")
    func table() async throws {
        let (rows, commands) = (try Self.rows(), try await Self.commands())
        #expect(Set(rows.keys) == Set(commands.keys))
        for (command, row) in rows {
            let options = commands[command] ?? []
            for option in ["--quiet", "--log-format"] {
                #expect(options.contains(option) == row.hasLog, "\(command) \(option)")
            }
            // What it reads the default of can be given to it, too.
            for setting in row.settings { #expect(options.contains(setting.option), "\(command) \(setting.option)") }
            let isWhole = row.hasLog && row.settings == Set(Setting.allCases)
            #expect(isWhole != row.reason.hasSuffix("."), "\(command): \(row.reason)")
        }
    }

    /// What makes each command do something at once; nothing in the folder but `peerquake.yaml` is needed.
    private static let lines: [String: String] = [
        "run": "run plan.yaml", "soak": "soak plan.yaml --for 1m", "config": "config",
        "clusters up": "clusters up", "clusters down": "clusters down", "clusters status": "clusters status",
        "mesh install": "mesh install", "mesh remove": "mesh remove",
        "embedded": "embedded --until-eof --kubeconfig made", "audit": "audit", "recover": "recover",
        "manifests": "manifests --for east", "claims": "claims", "probe": "probe http://127.0.0.1:1/ --for 100ms",
        "watchdog": "watchdog .", "report": "report absent", "compare": "compare absent --baseline absent",
        "history": "history .", "export": "export absent", "plans list": "plans list",
        "plans show": "plans show quickstart", "plans copy": "plans copy quickstart", "validate": "validate plan.yaml",
        "schema": "schema", "actions": "actions", "docs": "docs", "doctor": "doctor plan.yaml",
    ]

    private func peerquake(_ line: String) async throws -> CommandResult {
        var environment = Command.inheritedEnvironment.filter { !$0.key.hasPrefix("PEERQUAKE_") }
        environment["KUBECONFIG"] = nil
        environment["HOME"] = folder.path
        let program = try BuiltCommand.path()
        return try await Command(
            ["bash", "-c", "cd \(folder.path) && exec \(program) \(line) </dev/null"], environment: environment
        ).run(timeout: .seconds(60))
    }

    @Test("are read from peerquake.yaml by those commands alone that have such a row")
    func broken() async throws {
        _ = try folder.file("peerquake.yaml", "mesh: standin\nenviroment: kind\n")
        let rows = try Self.rows()
        #expect(Set(rows.keys) == Set(Self.lines.keys))
        for (command, line) in Self.lines.sorted(by: { $0.key < $1.key }) {
            let result = try await peerquake(line)
            let isRead = rows[command]?.settings.isEmpty == false
            #expect(!result.timedOut, "\(line)")
            let isTold = result.standardError.contains("peerquake.yaml:2:1: unknown key")
            #expect(isTold == isRead, "\(line): \(result.standardError)")
            if isRead { #expect(result.exitCode == 64, "\(line)") }
        }
        // Whoever has to restore a run is kept from it by no file.
        let recover = try await peerquake("recover absent")
        #expect(recover.exitCode == 64 && !recover.standardError.contains("peerquake.yaml"), "\(recover.standardError)")
    }

    /// A kubeconfig of a cluster `east` that does not answer.
    private func kubeconfig() throws {
        let context = Kubeconfig.Context(
            name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:1"), user: .init(name: "east"))
        _ = try folder.file("kc", Kubeconfig(contexts: [context], currentContext: "east").yaml())
    }

    @Test("name the clusters of audit, recover and manifests", arguments: ["audit", "recover"])
    func contexts(command: String) async throws {
        try kubeconfig()
        _ = try folder.file("peerquake.yaml", "kubeconfig: kc\ncontexts: {west: absent}\n")
        let absent = try await peerquake(command)
        #expect(absent.exitCode == 64 && absent.standardError.contains("absent"), "\(absent.standardError)")
        let told = try await peerquake("\(command) --cluster west=elsewhere")
        #expect(told.exitCode == 64 && told.standardError.contains("elsewhere"), "\(told.standardError)")
        // Found, and asked in vain.
        let found = try await peerquake("manifests --for east")
        #expect(found.exitCode == 69 && found.standardError.contains("east"), "\(found.standardError)")
    }

    @Test("shape the clusters of embedded where the file's environment is embedded")
    func shapes() async throws {
        _ = try folder.file("bad.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: east\nnodse: []\n")
        let line = "embedded --until-eof --kubeconfig made"
        _ = try folder.file("peerquake.yaml", "configs: bad.yaml\n")
        let own = try await peerquake(line)
        #expect(own.exitCode == 64 && own.standardError.contains("bad.yaml:4:1"), "\(own.standardError)")
        let told = try await peerquake("\(line) --timing quick")
        #expect(told.exitCode == 0, "\(told.standardError)")
        _ = try folder.file("peerquake.yaml", "environment: kind\nconfigs: bad.yaml\n")
        let kind = try await peerquake(line)
        #expect(kind.exitCode == 0, "\(kind.standardError)")
    }

    @Test("leave the clusters of claims to its own options")
    func claims() async throws {
        try kubeconfig()
        _ = try folder.file("peerquake.yaml", "environment: embedded\n")
        let line =
            "claims --out \(folder.path)/claims --table \(folder.path)/claims.md --only replicas --env kind "
            + "--kubeconfig \(folder.path)/kc"
        let result = try await Command([
            "bash", "-c", "cd \(BuiltCommand.root.path) && exec \(try BuiltCommand.path()) \(line)",
        ]).run(timeout: .seconds(60))
        // It has no context west.
        #expect(result.exitCode == 64 && result.standardError.contains("west"), "\(result.standardError)")
    }

    @Test("write warnings as JSON where they are asked to")
    func json() async throws {
        try kubeconfig()
        let result = try await peerquake("recover --kubeconfig kc --log-format json --within 1s")
        let lines = result.standardError.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines { #expect(try JSONValue(parsing: String(line))["level"]?.stringValue != nil, "\(line)") }
    }
}
