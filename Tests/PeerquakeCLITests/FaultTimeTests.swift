import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// When a run says that its faults took effect, through the built command.
    @Suite("When a fault took effect")
    struct FaultTimeTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        /// What a run recorded, with west's API server taking so long to hand out the journal's copy.
        private func events(mirrorDelay: UInt32) async throws -> [JSONValue] {
            var contexts = try Kubeconfig.load(path: pair.kubeconfig, environment: [:]).contexts
            let west = try #require(contexts.firstIndex { $0.name == "west" })
            let address = try #require(URL(string: contexts[west].cluster.server))
            let gate = HTTPGate(before: try #require(address.port), host: address.host() ?? "127.0.0.1") { head in
                head.hasPrefix("GET") && head.contains("peerquake-journal") ? mirrorDelay : 0
            }
            defer { gate.stop() }
            contexts[west].cluster.server = "http://127.0.0.1:\(gate.port)"
            let kubeconfig = try pair.folder.file("gate-\(mirrorDelay)", Kubeconfig(contexts: contexts).yaml())
            let out = "\(pair.folder.path)/late-\(mirrorDelay)"
            let program = try BuiltCommand.path()
            let plan = BuiltCommand.root.appending(path: "Tests/Recovery/kill-power-off.yaml").path
            let run = try await Command([
                program, "run", plan, "--env", "embedded", "--kubeconfig", kubeconfig, "--out", out,
            ]).run(timeout: .seconds(120))
            #expect(FileManager.default.fileExists(atPath: "\(out)/run.sqlite"), "\(run.standardError)")
            let export = try await Command([program, "export", out, "--what", "events"]).run(timeout: .seconds(90))
            return try export.standardOutput.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        }

        private func event(_ name: String, in events: [JSONValue]) throws -> JSONValue {
            try #require(events.first { $0["what"]?[name] != nil }, "no \(name)")
        }

        @Test("is after its journal was mirrored, however long that took, and within one call")
        func slowMirror() async throws {
            try await pair.unchanged {
                let events = try await events(mirrorDelay: 3000)
                let (step, fault) = (try event("stepStarted", in: events), try event("faultInjected", in: events))
                let at = try #require(fault["at"]?.doubleValue)
                #expect(at - (step["at"]?.doubleValue ?? at) >= 3, "the mirroring lies within the fault's time")
                let injection = fault[path: "what.faultInjected._0.injection"]
                let (start, end) = (injection?["start"]?.doubleValue, injection?["end"]?.doubleValue)
                let nanoseconds = try #require(end, "\(fault)") - #require(start)
                #expect(nanoseconds > 0 && nanoseconds < 3e9)
                #expect(abs(try #require(start) / 1e9 - at) < 1e-6)
            }
        }

        @Test("and what the mesh's agents tell is recorded with their cluster")
        func agents() async throws {
            try await pair.unchanged {
                let events = try await events(mirrorDelay: 0)
                func clusters(_ name: String) -> Set<String> {
                    Set(events.compactMap { $0["what"]?[name]?["cluster"]?.stringValue })
                }
                #expect(clusters("targetSet") == ["east", "west"])
                #expect(clusters("loadBalancerHealth").isSubset(of: ["east", "west"]))
                #expect(clusters("loadBalancerHealth").contains("west"))
            }
        }
    }
}
