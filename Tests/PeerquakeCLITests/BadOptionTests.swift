import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// Every option and argument of every command, with what it cannot be.
@Suite("Options that cannot be meant")
struct BadOptionTests {
    /// As long as a refusal may take.
    private static let atOnce = Duration.seconds(1)

    /// An option or an argument as the parser describes it.
    private struct Described: Sendable {
        /// `peerquake`, or the program beside it.
        var program: String
        var command: [String]
        /// Without dashes.
        var name: String
        var isPositional: Bool

        var key: String { (command + [name]).joined(separator: " ") }
    }

    /// Files that rows speak of.
    private struct World {
        let folder: TemporaryDirectory
        let plan: String
        let shape = BuiltCommand.root.appending(path: "kind-configs/quick-east.yaml").path
        let kubeconfig: String
        let run = BuiltCommand.root.appending(path: "Tests/QuakeArchiveTests/Fixtures/45dbac2").path
        let garbage: String

        init() throws {
            folder = try TemporaryDirectory()
            plan = BuiltCommand.root.appending(path: "Plans/quickstart.yaml").path
            garbage = try folder.file("garbage", "a: [")
            let context = Kubeconfig.Context(
                name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:1"), user: .init(name: "east"))
            kubeconfig = try folder.file("kc", Kubeconfig(contexts: [context], currentContext: "east").yaml())
        }

        private var inputs: [String] { ["", "\(folder.path)/absent", folder.path] }
        private var outputs: [String] { ["", "\(folder.path)/absent/file", folder.path] }
        private let times = ["", "soon", "0s", "-1s", "5", "1e9s", "99999999999h"]
        private let clusters = ["", "=", "east=", "=kind-east", "east=a b", " "]

        /// What an option cannot be; by command and name, else by name.
        var rows: [String: [String]] {
            [
                "plan": inputs + [garbage], "files": inputs + [garbage], "plans": inputs + [garbage],
                "set": ["", "=", "x", "=1", "hold=", "hold=1s,,2s", "nothing=1", "hold=soon"],
                "repeat": ["", "0", "-1", "many", "10001", "99999999999999999999"],
                "seed": ["", "-1", "x", "1.5", "99999999999999999999"],
                "env": ["", "nowhere", "Kind"], "timing": ["", "fast"], "config": inputs + [garbage],
                "kubeconfig": ["", "\(folder.path)/absent", folder.path, ":"],
                "cluster": clusters + ["est=x", "north"],
                "allow-context": ["", "a b"], "probe-from": ["", "pods"], "mesh": ["", "linkerd"],
                "mesh-logs": ["", "trace"],
                "out": ["", garbage], "serve-metrics": ["", "9464", ":9464", "host:", "host:x", "host:70000", "a:b:1"],
                "for": times,
                "log-format": ["", "xml"],
                // It has no plan whose clusters could be others, and reads no shapes.
                "config cluster": clusters, "config config": inputs,
                "directory": ["", "\(folder.path)/absent", garbage],
                "directories": ["", "\(folder.path)/absent", garbage],
                "candidates": ["", "\(folder.path)/absent", garbage],
                "baseline": ["", "\(folder.path)/absent", garbage],
                "html": outputs, "junit": outputs, "markdown": outputs, "openmetrics": outputs, "json": outputs,
                "trial": ["", "0", "-1", "x", "\(Int.min)", "99999999999999999999"],
                "across": ["", "weather", "versions,", "versions,versions"],
                "format": ["", "xml"], "docs topic": ["", "nonsense"], "what": ["", "everything"],
                "url": [
                    "", "ftp://x", "x", "http://", "http:///path", "http://x:0/", "http://x:99999/", "http://a b/",
                ],
                "rate": ["", "50", "0/s", "-5/s", "0.0000000001/s", "99999999999999999999/s", "fast"],
                "connections": ["", "old", "new,", "new,new"],
                "pooled-connections": ["", "0", "-1", "x", "100000"],
                "deadline": times + ["3s"], "timeout": times + ["100ms"],
                "connect-to": ["", "x", "x:", ":1", "x:0", "x:65536", "a:b:1"],
                "expect-cluster": [""], "expect-status": ["", "0", "-7", "600", "ok"], "method": ["", "G T", "GET\n"],
                "header": ["", "x", ": y", "a b: c", "a: b\nc: d"],
                // Any text is a body, and none too.
                "body": [],
                "ca-file": inputs + [garbage],
                "page": inputs, "outputs": ["", "\(folder.path)/absent", garbage],
                "snapshot out": outputs, "snapshot compare": inputs, "within": ["", "-1", "soon", "99999999999"],
                "embedded kubeconfig": outputs, "clusters up kubeconfig": outputs, "clusters down kubeconfig": outputs,
                "clusters status kubeconfig": outputs,
                "probers": ["", "0", "51", "-1", "regions"], "backend": ["", "a b", "west"],
                "image": ["", "a b"], "names": ["", "a b"], "name": ["", "nothing"], "to": ["", garbage],
                "only": ["", "a b", "nothing"], "table": outputs,
                "audit cluster": clusters + ["east=absent", "absent"], "from": inputs + [garbage], "save": outputs,
                "fail-on": ["", "hint"], "ignore": ["", "=", "x", "budget-missing=", "budget-mising=why"],
                "fix-dir": ["", garbage], "explain": ["", "a b", "budget-mising"],
                "mesh install set": ["", "=", "x", "=1", "a=b"], "file": inputs + [garbage],
                "image-archive": inputs + [garbage],
                "mesh install cluster": clusters + ["east=absent", "absent"],
                "mesh remove cluster": clusters + ["east=absent", "absent"],
                "recover cluster": clusters,
                "class": ["", "A", "a b"], "gateway": ["", "a", "a/b/c", "A/b"],
                "gateway-container": ["", "a.b", "a b"], "replicas": ["", "0", "101", "many"],
                "istiod-replicas": ["", "0", "101", "many"], "topology-key": ["", "a b", "a/b/c"],
                "exclude-label": ["", "=x", "a b", "a=b c"],
                "budget": ["", "1", "maxUnavailable", "minAvailable=101%", "minAvailable=-1"],
                "budget-in": ["", "secret"], "peering": ["", "nodeport"],
                "node-pools": ["", "a,a", "a=30d", "a=", "A", "a=0h"], "node-class": ["", "a/b", "a//c"],
                "grace-period": times, "manifests for": ["", "a b"],
            ]
        }

        /// What a command needs beside the option, and what is good where another one is bad.
        func others(_ option: Described) -> [String] {
            let needed: [String: [(name: String, arguments: [String])]] = [
                "run": [("plan", [plan])], "soak": [("plan", [plan]), ("for", ["--for=1s"])],
                "validate": [("files", [plan])],
                "report": [("directory", [folder.path])], "history": [("directory", [folder.path])],
                "export": [("directory", [folder.path])], "check-loss": [("directory", [folder.path])],
                "tunnel-times": [("directories", [folder.path])],
                "compare": [("candidates", [run]), ("baseline", ["--baseline=\(run)"])],
                "probe": [("url", ["http://127.0.0.1:1/"]), ("for", ["--for=1s"])],
                "tutorial unpack": [("page", [garbage]), ("to", ["--to=\(folder.path)/steps"])],
                "tutorial fill": [("page", [garbage]), ("outputs", ["--outputs=\(folder.path)"])],
                "snapshot": [("kubeconfig", ["--kubeconfig=\(kubeconfig)"])],
                "embedded": [
                    ("config", ["--config=\(shape)"]), ("kubeconfig", ["--kubeconfig=\(folder.path)/made"]),
                ],
                "audit": option.name == "from" ? [] : [("kubeconfig", ["--kubeconfig=\(kubeconfig)"])],
                "mesh install": [("kubeconfig", ["--kubeconfig=\(kubeconfig)"])],
                "mesh remove": [("kubeconfig", ["--kubeconfig=\(kubeconfig)"])],
                "clusters up": [("config", ["--config=\(shape)"])],
                "manifests": [("mesh", ["--mesh=istio"])],
            ]
            let all = needed[option.command.joined(separator: " ")] ?? []
            return all.filter { $0.name != option.name }.flatMap(\.arguments)
        }
    }

    private func described(_ program: String) async throws -> [Described] {
        let result = try await Command([BuiltCommand.path(program), "--experimental-dump-help"])
            .run(timeout: .seconds(30))
        var found: [Described] = []
        func look(_ command: JSONValue, _ path: [String]) {
            for argument in command["arguments"]?.arrayValue ?? [] {
                let kind = argument["kind"]?.stringValue
                let long = argument["names"]?.arrayValue?.first { $0["kind"]?.stringValue == "long" }
                guard kind != "flag", let name = long?["name"]?.stringValue ?? argument["valueName"]?.stringValue else {
                    continue
                }
                found.append(
                    Described(program: program, command: path, name: name, isPositional: kind == "positional"))
            }
            for child in command["subcommands"]?.arrayValue ?? [] {
                guard let name = child["commandName"]?.stringValue, name != "help" else { continue }
                look(child, path + [name])
            }
        }
        look(try JSONValue(parsing: result.standardOutput)["command"] ?? .null, [])
        return found
    }

    /// What the command says to one bad value, where that is not as it should be.
    private func complaint(_ option: Described, _ value: String, _ others: [String]) async throws -> String? {
        let own =
            option.isPositional
            ? [value] : value.isEmpty ? ["--\(option.name)", ""] : ["--\(option.name)=\(value)"]
        let command = Command(
            [try BuiltCommand.path(option.program)] + option.command + own + others,
            environment: ["HOME": "/nonexistent", "PATH": Command.inheritedEnvironment["PATH"] ?? ""])
        var began = ContinuousClock.now
        var result = try await command.run(timeout: .seconds(20))
        var took = ContinuousClock.now - began
        // What waits for something does so each time; a machine that stood still does not.
        for _ in 0..<2 where took > Self.atOnce {
            began = .now
            result = try await command.run(timeout: .seconds(20))
            took = min(took, .now - began)
        }
        let said = result.standardError
        let shown = value.replacing("\n", with: "")
        var faults: [String] = []
        if result.exitCode != 64 { faults.append("exit code \(result.exitCode.map(String.init) ?? "none")") }
        if result.timedOut || took > Self.atOnce { faults.append("took \(took)") }
        if !shown.isEmpty, !said.replacing("\n", with: "").contains(shown) { faults.append("does not name the value") }
        if !option.isPositional || value.isEmpty, !said.contains(option.isPositional ? "<" : "--\(option.name)") {
            faults.append("does not name the option")
        }
        return faults.isEmpty ? nil : "\(result.commandLine): \(faults.joined(separator: ", ")): \(said.prefix(200))"
    }

    private func judged(_ option: Described, _ value: String, _ others: [String]) async -> String? {
        do {
            return try await complaint(option, value, others)
        } catch {
            return "\(option.key): \(error)"
        }
    }

    @Test("end with 64 at once, and with the option and the value named", .timeLimit(.minutes(5)))
    func table() async throws {
        let world = try World()
        let rows = world.rows
        var cases: [(Described, String)] = []
        let options = try await described("peerquake") + described("peerquake-dev")
        #expect(options.count > 60)
        for option in options {
            guard let values = rows[option.key] ?? rows[option.name] else {
                Issue.record("\(option.key) has no row: say what it cannot be")
                continue
            }
            cases += values.map { (option, $0) }
        }
        await withTaskGroup(of: String?.self) { group in
            var rest = cases[...]
            for _ in 0..<2 {
                guard let (option, value) = rest.popFirst() else { break }
                let others = world.others(option)
                group.addTask { await judged(option, value, others) }
            }
            while let complaint = await group.next() {
                if let complaint { Issue.record("\(complaint)") }
                guard let (option, value) = rest.popFirst() else { continue }
                let others = world.others(option)
                group.addTask { await judged(option, value, others) }
            }
        }
        #expect(cases.count > 250)
    }

    @Test(
        "are refused together where each alone could be meant",
        arguments: [
            ["probe", "http://x/", "--ca-file", "/dev/null"],
            ["probe", "https://x/", "--insecure", "--ca-file", "/dev/null"],
            ["probe", "http://x/", "--deadline", "3s", "--timeout", "2s"], ["compare", "a"],
            ["mesh", "install", "--cluster", "a=b", "--cluster", "a=c"], ["mesh", "install", "--backend", "west"],
            ["recover", "/tmp", "--cluster", "a=b"], ["clusters", "up"], ["schema", "--summary", "--comparison"],
            ["audit", "--from", "/dev/null", "--reach"], ["audit", "--cluster", "a=b", "--cluster", "a=c"],
            ["probe", "--body=", "http://x/"], ["run", "--out=", "plan.yaml"],
        ])
    func together(arguments: [String]) async throws {
        let result = try await Command([BuiltCommand.path()] + arguments).run(timeout: .seconds(20))
        #expect(result.exitCode == 64 && !result.standardError.isEmpty, "\(result.standardError)")
    }
}
