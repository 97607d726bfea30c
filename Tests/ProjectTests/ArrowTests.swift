import Foundation
import Testing

/// Package.swift, the README's drawing and the sources say the same of what stands on what.
@Suite("The targets' arrows")
struct ArrowTests {
    private let manifest: Manifest

    init() throws { manifest = try Manifest() }

    private static let system: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Synchronization",
        "Testing",
    ]

    /// Of README.md: `TARGET, TARGET → TARGET …`, two on a line with `│` between them, of the section on targets.
    private func drawn() throws -> [String: [String]] {
        let readme = try Project.text("README.md")
        let section = try #require(readme.components(separatedBy: "\n## Targets\n").dropFirst().first)
        var arrows: [String: [String]] = [:]
        for part in section.components(separatedBy: "\n## ")[0].split(whereSeparator: { "\n│".contains($0) }) {
            let sides = part.components(separatedBy: " → ")
            guard sides.count == 2 else { continue }
            for name in sides[0].split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
                #expect(arrows[name] == nil, "\(name) is drawn twice")
                arrows[name] = sides[1].split(separator: " ").map(String.init).filter { $0 != "–" }
            }
        }
        return arrows
    }

    @Test("are read from Package.swift")
    func reads() {
        #expect(manifest.targets.count > 50)
        #expect(manifest.targets["QuakeTimeline"]?.dependencies == ["QuakePlan", "QuakeRecord"])
        #expect(manifest.targets["QuakeArchive"]?.modules == ["GRDB"])
        #expect(manifest.targets["peerquake"]?.dependencies.contains("QuakeRun") == true)
        #expect(manifest.below("QuakeReport").contains("CLibYAML"))
        for target in manifest.targets.values {
            for name in target.dependencies { #expect(manifest.targets[name] != nil, "\(target.name) → \(name)") }
            #expect(!manifest.below(target.name).contains(target.name), "\(target.name) stands on itself")
        }
    }

    @Test("are those that the README draws, with none that others imply")
    func drawing() throws {
        let drawn = try drawn()
        let reach = Reach(drawn)
        for target in manifest.targets.values where [.library, .executable].contains(target.kind) {
            guard target.path.hasPrefix("Sources/") else { continue }
            let arrows = try #require(drawn[target.name], "README.md does not draw \(target.name)")
            let (missing, extra) = (
                manifest.below(target.name).subtracting(reach.below(target.name)),
                reach.below(target.name).subtracting(manifest.below(target.name))
            )
            #expect(missing.isEmpty && extra.isEmpty, "\(target.name): not drawn \(missing), not there \(extra)")
            for name in arrows {
                let others = arrows.filter { $0 != name }
                #expect(!others.contains { reach.below($0).contains(name) }, "\(target.name) → \(name) is implied")
            }
        }
        for name in drawn.keys { #expect(manifest.targets[name] != nil, "README.md draws \(name)") }
    }

    @Test("are all that a source file imports along")
    func imports() throws {
        for target in manifest.targets.values where target.kind != .system {
            let allowed = Self.system.union(manifest.below(target.name)).union(manifest.modules(below: target.name))
            for path in try Project.sources(in: target.path) {
                let wrong = Set(Imports.of(try Project.text(path))).subtracting(allowed)
                #expect(wrong.isEmpty, "\(path) imports \(wrong.sorted()), which \(target.name) does not stand on")
            }
        }
    }

    @Test("are each taken by a source file")
    func used() throws {
        for target in manifest.targets.values where target.kind != .system {
            let imported = try Project.sources(in: target.path).reduce(into: Set<String>()) {
                $0.formUnion(Imports.of(try Project.text($1)))
            }
            let idle = Set(target.dependencies + target.modules).subtracting(imported).subtracting(["QuakeTestSupport"])
            #expect(idle.isEmpty, "\(target.name) names \(idle.sorted()) and imports nothing of them")
        }
    }

    /// What a pod of the stand-in may stand on: nothing that knows plans, clusters or runs.
    @Test("lead from the agent to none of the runner's targets")
    func agent() {
        let below = manifest.below("peerquake-agent")
        #expect(
            below == [
                "CLibCurl", "CLibYAML", "CLinux", "QuakeBase", "QuakeCurl", "QuakeHTTP", "QuakeKube", "QuakeMesh",
                "QuakeMeshAgent", "QuakeProbe", "QuakeProbePod", "QuakeProbeWire", "QuakeRecord", "QuakeYAML",
            ])
        for name in below {
            #expect(manifest.targets[name]?.modules.contains("GRDB") == false)
        }
    }

    /// Foundation brings 40 MB of Unicode tables into the agent's image; FoundationEssentials does not.
    @Test("keep Foundation out of the agent's image")
    func essentials() throws {
        for name in manifest.below("peerquake-agent").union(["peerquake-agent"]) {
            let target = try #require(manifest.targets[name])
            for path in try Project.sources(in: target.path) {
                #expect(!Imports.of(try Project.text(path)).contains("Foundation"), "\(path)")
            }
        }
    }

    @Test("ship peerquake and its agent, and nothing else")
    func products() {
        #expect(Set(manifest.products) == ["peerquake", "peerquake-agent"])
        #expect(manifest.targets["peerquake-dev"] != nil)
    }
}
