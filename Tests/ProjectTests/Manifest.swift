import Foundation
import Testing

/// This package's own files.
enum Project {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Swift files below a folder, as paths from the root.
    static func sources(in folder: String) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        return names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
    }
}

/// The targets of Package.swift with their arrows, read from its text.
struct Manifest {
    struct Target {
        enum Kind: String {
            case library = "library("
            case tests = "tests("
            case executable = ".executableTarget("
            case support = ".target("
            case system = ".systemLibrary("
        }

        var kind: Kind
        var name: String
        var path: String
        /// Targets that it names.
        var dependencies: [String]
        /// Modules of other packages that it names.
        var modules: [String]
    }

    private(set) var targets: [String: Target] = [:]
    /// Names of the executables that are built for others.
    private(set) var products: [String]

    init() throws {
        let text = try Project.text("Package.swift").split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        var modules: [String: String] = [:]
        for match in text.matches(of: /let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/) {
            modules[String(match.1)] = String(match.2)
        }
        products = text.matches(of: /\.executable\(name: "([^"]+)"/).map { String($0.1) }
        let start = try #require(text.range(of: "\n    targets: [")?.upperBound)
        for match in text[start...].matches(of: /\n        (library\(|tests\(|\.\w+\()/) {
            let kind = try #require(Target.Kind(rawValue: String(match.1)), "\(match.1)")
            let call = Self.group(text[match.range.upperBound...], "(", ")")
            let target = try #require(Self.target(kind, String(call), modules))
            targets[target.name] = target
        }
    }

    private static func target(_ kind: Target.Kind, _ call: String, _ modules: [String: String]) -> Target? {
        guard let name = call.firstMatch(of: /"([^"]+)"/)?.1 else { return nil }
        let label =
            switch kind {
            case .library: ", ["
            case .tests: "of: ["
            case .executable, .support: "dependencies: ["
            case .system: "nothing: ["
            }
        var items = list(after: label, in: call) + list(after: "products: [", in: call)
        if kind == .tests { items.append("\"QuakeTestSupport\"") }
        let path = call.firstMatch(of: /path: "([^"]+)"/).map { String($0.1) }
        return Target(
            kind: kind, name: String(name), path: path ?? "\(kind == .tests ? "Tests" : "Sources")/\(name)",
            dependencies: items.filter { $0.hasPrefix("\"") }.map { String($0.dropFirst().dropLast()) },
            modules: items.compactMap { modules[$0] })
    }

    /// The elements of the list that a label opens.
    private static func list(after label: String, in call: String) -> [String] {
        let flat = call.replacing(/\s+/, with: " ")
        guard let start = flat.range(of: label)?.upperBound else { return [] }
        return group(flat[start...], "[", "]").split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Up to what closes a group whose opening has been read.
    private static func group(_ text: Substring, _ open: Character, _ close: Character) -> Substring {
        var depth = 1
        let end = text.firstIndex { character in
            if character == open { depth += 1 }
            if character == close { depth -= 1 }
            return depth == 0
        }
        return text[..<(end ?? text.endIndex)]
    }

    /// A target's own arrows, and those of what stands below it.
    func below(_ name: String) -> Set<String> {
        Reach(targets.mapValues(\.dependencies)).below(name)
    }

    /// Modules of other packages that a target stands on.
    func modules(below name: String) -> Set<String> {
        Set(below(name).union([name]).flatMap { targets[$0]?.modules ?? [] })
    }
}

/// What can be reached along arrows.
struct Reach {
    private let arrows: [String: [String]]

    init(_ arrows: [String: [String]]) { self.arrows = arrows }

    func below(_ name: String) -> Set<String> {
        var found: Set<String> = []
        var open = arrows[name] ?? []
        while let next = open.popLast() {
            if found.insert(next).inserted { open += arrows[next] ?? [] }
        }
        return found
    }
}

/// The imports at the head of a source file.
enum Imports {
    static func of(_ text: String) -> [String] {
        var found: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let line = line.drop { $0 == " " }
            if line.isEmpty || line.hasPrefix("//") || line.hasPrefix("#") { continue }
            let pattern =
                /(?:@\w+ )*(?:package |public |internal |private |fileprivate )?import (?:\w+ )?(\w+)(?:\..*)?/
            guard let match = line.wholeMatch(of: pattern) else { break }
            found.append(String(match.1))
        }
        return found
    }
}
