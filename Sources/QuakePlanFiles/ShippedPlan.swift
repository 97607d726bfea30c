package import QuakePlan
package import QuakeShipped

/// A plan in the program, which a command line names without a file: `quickstart`, `checks/loss`.
package struct ShippedPlan: Sendable {
    /// Of its file without the ending. It is the plan's path in messages, too, and what it applies is relative to it.
    package var name: String
    package var file: ShippedFile

    private static let ending = ".yaml"

    /// - Returns: `nil` for a manifest, which is in the folder of the plans too, and for a kind config.
    private init?(_ file: ShippedFile) {
        guard file.path.hasPrefix(ShippedFile.plans), !file.name.hasPrefix("manifests/") else { return nil }
        self.file = file
        name = String(file.name.dropLast(Self.ending.count))
    }

    /// - Returns: `nil` where there is no plan of that name.
    package init?(named name: String) {
        guard let plan = Self.all.first(where: { $0.name == name }) else { return nil }
        self = plan
    }

    /// Those of `Plans` first, then those of its folders; each by name.
    package static let all: [ShippedPlan] = ShippedFile.all.compactMap { ShippedPlan($0) }

    /// Validates it and what it applies, which is in the program too.
    ///
    /// - Throws: every problem at once. As it is written there is none: it comes from the options.
    package func load(
        options: PlanOptions = PlanOptions(), actions: ActionRegistry = .standard,
        expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        try Plan.parse(
            file.text, besides: name, options: options, actions: actions, expectations: expectations,
            content: Self.content)
    }

    /// The files of the program that it applies, whatever its matrix chooses.
    package func applied(actions: ActionRegistry = .standard) -> [ShippedFile] {
        Plan.fileNames(in: file.text, path: name, actions: actions).compactMap {
            ShippedFile[ShippedFile.plans + Self.normal(Plan.place(of: $0, namedIn: name))]
        }
    }

    /// A path without `.` and without a folder that is left again: `practices/../manifests/a.yaml` is `manifests/a.yaml`.
    static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    /// A path out of an option leads to a file as everywhere else, where it is absolute.
    private static func content(of path: String) -> Attachments.Content {
        if path.hasPrefix("/") { return PlanFile.content(of: path) }
        guard let file = ShippedFile[ShippedFile.plans + normal(path)] else {
            return .unreadable("is not in the program")
        }
        return .text(file.text)
    }

    /// What may have been meant by a name that is neither a file's nor a plan's; begins with its own `;`.
    static func hint(for name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? name
        let stem = last.hasSuffix(ending) ? String(last.dropLast(ending.count)) : last
        let names = all.map(\.name)
        guard
            let near = names.first(where: { $0 == stem || $0.hasSuffix("/\(stem)") })
                ?? Suggestion.nearest(to: stem, among: names)
        else { return "; no plan in the program has that name either (see: peerquake plans list)" }
        return "; did you mean \(near), a plan in the program?"
    }
}
