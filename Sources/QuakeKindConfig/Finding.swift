package import QuakeYAML

/// A place in a file, both 1-based. Line 0 is no place: what kind itself wrote.
package struct KindPlace: Sendable, Hashable, Comparable {
    package var line: Int
    package var column: Int

    package init(_ line: Int, _ column: Int) {
        self.line = line
        self.column = column
    }

    /// By line, then by column.
    package static func < (first: KindPlace, second: KindPlace) -> Bool {
        (first.line, first.column) < (second.line, second.column)
    }
}

extension YAMLNode {
    /// Where it was written.
    package var place: KindPlace { KindPlace(line, column) }

    /// Whether it stands in the configuration, and is not what kind itself writes.
    var isWritten: Bool { line > 0 }
}

/// What is wrong with a kind configuration, or not what it seems, and where.
package struct KindFinding: Sendable, Hashable, CustomStringConvertible {
    /// Who would not take it.
    package enum Refuser: String, Sendable {
        case kind
        case kubeadm
        case kubelet = "the kubelet"
        case controllerManager = "the controller manager"
        case apiServer = "the API server"
        case scheduler = "the scheduler"
        case embedded = "an embedded cluster"
    }

    /// What follows from a finding.
    package enum Weight: Sendable, Hashable {
        case refusal(by: Refuser)
        /// It counts, or is passed over, without a word of kind's.
        case warning
    }

    package var file: String
    package var place: KindPlace
    package var weight: Weight
    package var message: String

    package var isRefusal: Bool { weight != .warning }

    /// `west.yaml:6:5: kind refuses: unknown field "lables"`.
    package var description: String {
        let head =
            switch weight {
            case .refusal(let refuser): "\(refuser.rawValue) refuses"
            case .warning: "warning"
            }
        return "\(file):\(place.line):\(place.column): \(head): \(message)"
    }
}

/// Collects findings, each once: a patch is applied to the documents of every node, and an alias repeats its anchor.
final class Findings {
    let file: String
    private(set) var all: [KindFinding] = []
    private var seen: Set<KindFinding> = []

    init(file: String) { self.file = file }

    func refuse(_ refuser: KindFinding.Refuser, _ place: KindPlace, _ message: String) {
        add(KindFinding(file: file, place: place, weight: .refusal(by: refuser), message: message))
    }

    func warn(_ place: KindPlace, _ message: String) {
        add(KindFinding(file: file, place: place, weight: .warning, message: message))
    }

    private func add(_ finding: KindFinding) {
        guard seen.insert(finding).inserted else { return }
        all.append(finding)
    }

    /// In the order of the file.
    var sorted: [KindFinding] {
        all.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element)
    }
}
