import Foundation
import Testing

/// Package.swift, docs/architecture.md and the sources agree on what each target imports.
@Suite("The targets' arrows")
struct ArrowTests {
    private let manifest: Manifest

    init() throws { manifest = try Manifest() }

    private static let system: Set<String> = [
        "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationXML", "Glibc", "Synchronization",
        "Testing",
    ]

    /// A part of docs/architecture.md, between its marks.
    private func part(_ name: String) throws -> Substring {
        let page = try Project.text("docs/architecture.md")
        let start = try #require(
            page.range(of: "<!-- \(name): ArrowTests compares this with Package.swift -->")?.upperBound)
        return page[start..<(try #require(page.range(of: "<!-- \(name): end -->")?.lowerBound))]
    }

    /// Names of targets in each row of the drawing, from the top; rows are separated by empty lines. What is on the right
    /// of the line goes into the agent's image.
    private func layers() throws -> [(left: [String], right: [String])] {
        var rows: [(left: [String], right: [String])] = [([], [])]
        for line in try part("layers").split(separator: "\n") where !line.hasPrefix("```") {
            let sides = line.split(separator: "│", omittingEmptySubsequences: false).map { side in
                side.split(separator: " ").map(String.init).filter { manifest.targets[$0] != nil }
            }
            let row = (left: sides[0], right: sides.dropFirst().flatMap(\.self))
            if row.left.isEmpty, row.right.isEmpty {
                rows.append(([], []))
            } else {
                rows[rows.count - 1].left += row.left
                rows[rows.count - 1].right += row.right
            }
        }
        return rows.filter { !$0.left.isEmpty || !$0.right.isEmpty }
    }

    /// Targets of which the page tells: those that are built from Sources.
    private var shown: [Manifest.Target] {
        manifest.targets.values.filter { [.library, .support, .executable].contains($0.kind) }
            .filter { $0.path.hasPrefix("Sources/") }
            .sorted { $0.name < $1.name }
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

    @Test("are those of the table in docs/architecture.md")
    func table() throws {
        var rows: [String: String] = [:]
        for line in try part("imports").split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(cells.count == 4, "\(line)")
            let name = cells[0].filter { $0 != "`" }
            #expect(rows[name] == nil && cells[1].count > 8, "\(name)")
            rows[name] = "\(cells[2]) | \(cells[3])"
        }
        func list(_ names: [String]) -> String { names.isEmpty ? "–" : names.joined(separator: ", ") }
        for target in shown {
            let expected = "\(list(target.dependencies)) | \(list(target.modules))"
            #expect(rows[target.name] == expected, "docs/architecture.md: | `\(target.name)` | … | \(expected) |")
        }
        #expect(Set(rows.keys) == Set(shown.map(\.name)))
    }

    @Test("lead down in the drawing of docs/architecture.md, which has every target once")
    func drawing() throws {
        let layers = try layers()
        var height: [String: Int] = [:]
        for (index, row) in layers.enumerated() {
            for name in row.left + row.right {
                #expect(height[name] == nil, "\(name) is drawn twice")
                height[name] = index
            }
        }
        let system = manifest.targets.values.filter { $0.kind == .system }.map(\.name)
        #expect(Set(height.keys) == Set(shown.map(\.name) + system))
        for target in shown {
            for name in target.dependencies {
                #expect((height[name] ?? 0) > (height[target.name] ?? .max), "\(target.name) is not above \(name)")
            }
        }
        #expect(Set(layers.flatMap(\.right)) == manifest.below("peerquake-agent").union(["peerquake-agent"]))
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
                "CBuild", "CLibCurl", "CLibYAML", "CLinux", "QuakeBase", "QuakeCurl", "QuakeHTTP", "QuakeKube",
                "QuakeMesh",
                "QuakeMeshAgent", "QuakeProbe", "QuakeProbePod", "QuakeProbeWire", "QuakeRecord", "QuakeVersion",
                "QuakeYAML",
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
