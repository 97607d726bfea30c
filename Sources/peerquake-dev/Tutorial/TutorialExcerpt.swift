/// What a block of output shows of what a command wrote.
struct TutorialExcerpt: Equatable {
    /// Where a command writes to. Raw values are the markers'.
    enum Stream: String {
        case output, errors

        /// The ending of the file that has it.
        var ending: String { self == .output ? "stdout" : "stderr" }
    }

    /// How much is shown.
    enum Limit: Equatable {
        /// Besides those that come and go.
        case lines(Int)
        /// Groups of lines between empty ones.
        case paragraphs(Int)
    }

    var stream: Stream
    /// The first line that is shown has it; `nil` for the first of all.
    var from: String?
    /// `nil` for all that follows.
    var limit: Limit?
    /// Lines that have one of these come and go from run to run: shapes leave them out.
    var chance: [String] = []

    /// - Parameter marker: as ``TutorialPage`` has it; `nil` for any other text.
    init?(_ marker: String) {
        let form =
            /(output|errors)(?:, from "([^"]+)")?(?:, (\d+) (line|paragraph)s?)?((?:, by chance "[^"]+")*)/
        guard let match = marker.wholeMatch(of: form), let stream = Stream(rawValue: String(match.1)) else {
            return nil
        }
        self.stream = stream
        from = match.2.map(String.init)
        if let count = match.3.flatMap({ Int($0) }) {
            guard count > 0 else { return nil }
            limit = match.4 == "line" ? .lines(count) : .paragraphs(count)
        }
        chance = match.5.matches(of: /"([^"]+)"/).map { String($0.1) }
    }

    /// The lines that are shown, with an ellipsis where more follow; empty where no line has ``from``.
    func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        if let from { lines = lines.drop { !$0.contains(from) } }
        lines = lines.drop(while: \.isEmpty)
        while lines.last?.isEmpty == true { lines.removeLast() }
        let shown = lines.prefix(length(of: lines))
        return shown.count < lines.count ? shown + ["…"] : Array(shown)
    }

    private func length(of lines: ArraySlice<String>) -> Int {
        switch limit {
        case nil: return lines.count
        case .lines(let count):
            let steady = lines.indices.filter { index in !chance.contains { lines[index].contains($0) } }
            return steady.count >= count ? steady[count - 1] + 1 - lines.startIndex : lines.count
        case .paragraphs(let count):
            let ends = lines.indices.filter { lines[$0].isEmpty && !lines[$0 - 1].isEmpty }
            return ends.count >= count ? ends[count - 1] - lines.startIndex : lines.count
        }
    }
}
