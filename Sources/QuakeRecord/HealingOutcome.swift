/// What became of a change that was to be undone. Archives hold it as one text: ``text``.
package enum HealingOutcome: Sendable, Equatable {
    /// It is as before.
    case healed
    /// What was changed is no longer there: nothing was touched.
    case gone
    /// Somebody else made it anew since: it is not what was changed, and nothing was touched.
    case foreign
    /// It is as before but for these fields, which somebody else has changed since: they are left as they are.
    case partly(String)
    /// Another holder has the cluster's lock: nothing was touched, and it is still to be undone.
    case withheld(String)
    /// It could not be undone, and why.
    case failed(String)

    /// Whether nothing is left to be done about it.
    package var isFinal: Bool {
        switch self {
        case .healed, .gone, .foreign, .partly: true
        case .withheld, .failed: false
        }
    }

    /// In one line, as archives and reports have it.
    package var text: String {
        switch self {
        case .healed: "healed"
        case .gone: "gone since: left alone"
        case .foreign: "made anew by somebody else since: left alone"
        case .partly(let fields): Self.partlyPrefix + fields
        case .withheld(let holder): Self.withheldPrefix + holder
        case .failed(let why): Self.failedPrefix + why
        }
    }

    private static let partlyPrefix = "healed, and left alone what others have changed since: "
    private static let withheldPrefix = "not touched: the cluster is held by "
    private static let failedPrefix = "failed: "

    /// What ``text`` says; anything else is a failure in its own words.
    package init(text: String) {
        self =
            switch text {
            case Self.healed.text: .healed
            case Self.gone.text: .gone
            case Self.foreign.text: .foreign
            case _ where text.hasPrefix(Self.partlyPrefix): .partly(String(text.dropFirst(Self.partlyPrefix.count)))
            case _ where text.hasPrefix(Self.withheldPrefix):
                .withheld(String(text.dropFirst(Self.withheldPrefix.count)))
            case _ where text.hasPrefix(Self.failedPrefix): .failed(String(text.dropFirst(Self.failedPrefix.count)))
            default: .failed(text)
            }
    }
}

extension HealingOutcome: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
