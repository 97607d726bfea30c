import ArgumentParser
import FoundationEssentials
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `--NAME FILE` for each format of the registry that has a meaning for what a command reports on. The others are known
/// too, but not shown: whoever asks for one is told why there is none.
struct OutputOptions<Subject: ReportSubject>: ParsableArguments, Sendable {
    /// A file that is asked for.
    struct Request: Sendable {
        /// With its dashes.
        var option: String
        var path: String
        var text: @Sendable (Subject) throws -> String
    }

    /// In the registry's order.
    private(set) var requests: [Request] = []

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: FormatKey.self)
        for format in Wiring.current.formats.formats {
            let option = try container.decode(Option<String?>.self, forKey: FormatKey(format.name))
            guard let path = option.wrappedValue, case .written(_, let text) = Subject.use(of: format) else { continue }
            requests.append(Request(option: "--\(format.name)", path: path, text: text))
        }
    }

    /// Writes every file that is asked for, one after another.
    ///
    /// - Throws: ``Failure``, of usage, for the first one that cannot be written; what making its text does.
    func write(_ subject: Subject) throws {
        for request in requests { try Output.write(try request.text(subject), to: request.path) }
    }

    /// The same, whatever becomes of the others.
    ///
    /// - Returns: what went wrong, with the options.
    func writeAll(_ subject: Subject) -> [String] {
        requests.compactMap { request in
            do {
                try Output.write(try request.text(subject), to: request.path)
                return nil
            } catch {
                return "\(request.option): \(error)"
            }
        }
    }
}

extension OutputOptions: CustomReflectable {
    /// The parser finds options by reflection, among the properties of a value that it makes itself. These are not written
    /// down as properties, for the registry knows them.
    var customMirror: Mirror {
        let options = Wiring.current.formats.formats.map { format -> Mirror.Child in
            ("_\(format.name)", Self.option(format))
        }
        return Mirror(self, children: options, displayStyle: .struct)
    }

    private static func option(_ format: any ReportFormat) -> Option<String?> {
        switch Subject.use(of: format) {
        case .written(let help, _):
            Option(name: .customLong(format.name), help: ArgumentHelp(help), transform: Checked.output)
        case .refused(let reason):
            Option(
                name: .customLong(format.name), help: ArgumentHelp(visibility: .hidden),
                transform: Checked.nothing(because: reason))
        }
    }
}

/// A format's name as the parser keeps it.
private struct FormatKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

/// Files that commands write for others.
enum Output {
    /// - Throws: ``Failure``, of usage.
    static func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw Failure(.usage, "cannot write \(path): \(error)")
        }
    }
}
