/// What stays the same of a command's output from run to run: its lines without figures, times, names of runs and of nodes that
/// were chosen, and the widths of columns.
struct TutorialShape {
    /// A line each.
    let lines: [String]

    /// - Parameters:
    ///   - lines: of a block of output.
    ///   - chance: lines that have one of these texts are left out, with what is indented below them; so are the ranges
    ///     (`? …`) that a busy machine adds.
    init(_ lines: [String], leavingOut chance: [String]) {
        var kept: [String] = []
        var left: Int?
        for line in lines {
            let indent = line.prefix { $0 == " " }.count
            if let outer = left, indent > outer { continue }
            let isChance = line.dropFirst(indent).hasPrefix("? ") || chance.contains { line.contains($0) }
            left = isChance ? indent : nil
            if !isChance { kept.append(Self.shape(of: line)) }
        }
        self.lines = kept
    }

    /// Lines wrap where their figures end: words count, and not where a line ends. Which lane was the worst is chance.
    func agrees(with other: TutorialShape) -> Bool {
        func words(_ lines: [String]) -> String {
            lines.flatMap { $0.split(separator: " ") }.joined(separator: " ")
                .replacing(/worst: # on (LoadBalancer|NodePort) [^ ]+/, with: "worst: # on LANE")
        }
        return words(lines) == words(other.lines)
    }

    /// What differs, a line each: `-` is of this one alone, `+` of the other.
    func difference(from other: TutorialShape) -> [String] {
        var (old, new) = (lines[...], other.lines[...])
        var (removed, inserted) = (Set<Int>(), Set<Int>())
        for change in other.lines.difference(from: lines) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var result: [String] = []
        while !old.isEmpty || !new.isEmpty {
            if let line = old.first, removed.contains(old.startIndex) {
                result.append("- \(line)")
                old.removeFirst()
            } else if let line = new.first, inserted.contains(new.startIndex) {
                result.append("+ \(line)")
                new.removeFirst()
            } else if let line = old.popFirst() {
                result.append("  \(line)")
                _ = new.popFirst()
            } else {
                break
            }
        }
        return result
    }

    /// A figure is `#`, with its unit; none at all (`–`) is one too.
    static func shape(of line: String) -> String {
        line.replacing(/\d{8}T\d{6}Z(-[a-z0-9]+)*/, with: "RUN")
            .replacing(/\b([a-z]+)-worker\d*/) { "\($0.1)-NODE" }
            .replacing(/([<>≤≥~+]+ ?)?\d+([.,:]\d+)*( ?(ms|µs|min|s|m|h|d|%)(?![A-Za-z]))?/, with: "#")
            .replacing(/##+/, with: "#")
            .split(separator: " ").filter { $0 != "?" }.map { $0 == "–" ? "#" : $0 }
            .joined(separator: " ")
    }
}
