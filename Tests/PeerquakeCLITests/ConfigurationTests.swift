import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// `peerquake.yaml` and `peerquake config`.
@Suite("Defaults of a folder")
struct ConfigurationTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func peerquake(_ line: String, variables: [String: String] = [:]) async throws -> CommandResult {
        var environment = Command.inheritedEnvironment.filter { !$0.key.hasPrefix("PEERQUAKE_") }
        environment["KUBECONFIG"] = nil
        return try await Command(
            ["bash", "-c", "cd \(folder.path) && exec \(BuiltCommand.path()) \(line)"],
            environment: environment.merging(variables) { $1 }
        ).run(timeout: .seconds(60))
    }

    private func rows(_ result: CommandResult) -> [String: [String]] {
        Dictionary(
            result.standardOutput.split(separator: "\n").map { line in
                let words = line.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
                return (words.first ?? "", Array(words.dropFirst()))
            }, uniquingKeysWith: { $1 })
    }

    @Test("config prints every value with its origin: a flag before a variable before the file")
    func origins() async throws {
        _ = try folder.file("peerquake.yaml", "environment: kind\nmesh: istio\nout: results\nprobeFrom: pod\n")
        let result = try await peerquake(
            "config --probe-from host", variables: ["PEERQUAKE_MESH": "solo", "PEERQUAKE_CONTEXTS": "east=e,west=w"])
        #expect(result.exitCode == 0, "\(result.standardError)")
        let rows = rows(result)
        #expect(rows["environment"] == ["kind", "peerquake.yaml:1:14"])
        #expect(rows["mesh"] == ["solo", "PEERQUAKE_MESH"])
        #expect(rows["contexts"] == ["east=e,", "west=w", "PEERQUAKE_CONTEXTS"])
        #expect(rows["probeFrom"] == ["host", "--probe-from"])
        #expect(rows["out"] == ["results", "peerquake.yaml:3:6"])
        #expect(rows["kubeconfig"] == ["–", "default"])
    }

    @Test("config says where there is no file")
    func absent() async throws {
        let result = try await peerquake("config")
        #expect(result.exitCode == 0)
        #expect(rows(result)["environment"] == ["embedded", "default"])
        #expect(result.standardError.contains("There is no peerquake.yaml in this folder."))
    }

    @Test(
        "a broken file ends every command that it has defaults for, with 64 and the place",
        arguments: [
            "config", "run plan.yaml", "soak plan.yaml --for 1m", "mesh install", "mesh remove", "clusters up",
            "clusters down", "clusters status",
        ])
    func broken(_ line: String) async throws {
        _ = try folder.file("peerquake.yaml", "mesh: standin\nenviroment: kind\n")
        let result = try await peerquake(line)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(
            result.standardError.contains(
                "peerquake.yaml:2:1: unknown key \"enviroment\"; did you mean \"environment\"?"))
    }

    @Test("a variable that cannot be meant ends with 64 and its name")
    func variable() async throws {
        let result = try await peerquake("config", variables: ["PEERQUAKE_ENVIRONMENT": "cloud"])
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains("PEERQUAKE_ENVIRONMENT: \"cloud\" is not known"))
    }
}

extension OnEmbeddedClusters {
    @Suite("A run by the defaults of its folder")
    struct DefaultsTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("finds its clusters by them, and keeps the values in force with their origin")
        func run() async throws {
            let plan = try pair.cordon(hold: "300ms")
            let folder = try TemporaryDirectory()
            _ = try folder.file(
                "peerquake.yaml", "kubeconfig: \(pair.kubeconfig)\ncontexts: {west: west, north: n}\nout: results\n")
            let result = try await Command([
                "bash", "-c", "cd \(folder.path) && exec \(try BuiltCommand.path()) run \(plan) --mesh standin",
            ]).run(timeout: .seconds(120))
            #expect(result.exitCode == 0, "\(result.standardError)")
            let runs = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/results")
            let run = try #require(runs.first)
            let summary = try String(contentsOfFile: "\(folder.path)/results/\(run)/summary.json", encoding: .utf8)
            let options = try #require(try JSONValue(parsing: summary)["options"]?.arrayValue)
            func origin(_ name: String) -> String? {
                options.first { $0["name"]?.stringValue == name }?["origin"]?.stringValue
            }
            #expect(origin("kubeconfig") == "peerquake.yaml:1:13")
            #expect(origin("mesh") == "--mesh")
            #expect(origin("environment") == "default")
            #expect(result.standardOutput.contains("out: results (peerquake.yaml:3:6)"))
        }
    }
}
