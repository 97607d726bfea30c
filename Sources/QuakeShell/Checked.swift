import ArgumentParser
import FoundationEssentials
import QuakeMeshInstall
import QuakePlan

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What an option or an argument may be. Each refuses a text with the reason, which the parser puts behind the option's
/// name and the text, before a command does anything.
package enum Checked {
    /// Reads an option's text.
    ///
    /// - Throws: `ValidationError` with the reason alone.
    package typealias Reader<Value> = @Sendable (String) throws -> Value

    private static func refuse(_ reason: String) -> ValidationError { ValidationError(reason) }

    // MARK: - Words

    /// One of a closed list.
    package static func word(of allowed: [String]) -> Reader<String> {
        { text in
            guard allowed.contains(text) else { throw refuse("allowed: \(allowed.joined(separator: ", "))") }
            return text
        }
    }

    /// Several of a closed list, separated by commas, each at most once.
    package static func words(of allowed: [String]) -> Reader<String> {
        { text in
            let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard words.allSatisfy(allowed.contains), Set(words).count == words.count else {
                throw refuse("allowed: one or several of \(allowed.joined(separator: ",")), each once")
            }
            return text
        }
    }

    /// Several names of things that are looked up elsewhere, separated by commas, each at most once.
    package static let names: Reader<[String]> = { text in
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }), Set(names).count == names.count
        else { throw refuse("names without spaces are expected, separated by commas, each once") }
        return names
    }

    /// The name of a thing that is looked up elsewhere.
    package static let name: Reader<String> = { text in
        guard !text.isEmpty, !text.contains(where: \.isWhitespace) else {
            throw refuse("a name without spaces is expected")
        }
        return text
    }

    /// A token of HTTP (RFC 9110, 5.6.2).
    package static let method: Reader<String> = { text in
        guard isToken(text) else { throw refuse("a method is expected, for example GET") }
        return text
    }

    private static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// `Name: value`.
    package static let field: Reader<String> = { text in
        let sides = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, isToken(sides[0]), !text.contains(where: \.isNewline) else {
            throw refuse("a header field is expected, for example 'Name: value'")
        }
        return text
    }

    package static let assignment: Reader<String> = { text in
        guard PlanOptions.halves(of: text) != nil else { throw refuse("NAME=VALUE or NAME=V1,V2 is expected") }
        return text
    }

    package static let probers: Reader<String> = { text in
        guard ProberLayout(text) != nil else { throw refuse("allowed: 1 to 50, or zones") }
        return text
    }

    // MARK: - Quantities

    /// A whole number of a range.
    package static func number(_ range: ClosedRange<Int>) -> Reader<Int> {
        { text in
            guard let number = Int(text), range.contains(number) else {
                let end = range.upperBound == .max ? "up" : "to \(range.upperBound)"
                throw refuse("a whole number from \(range.lowerBound) \(end) is expected")
            }
            return number
        }
    }

    package static let time: Reader<String> = { text in
        guard let time = Quantity.duration(text), time > .zero else {
            throw refuse("a time above 0 is expected, for example 250ms, 90s, 30m or 8h")
        }
        return text
    }

    package static let rate: Reader<String> = { text in
        guard Quantity.laneRate(text) != nil else {
            throw refuse("a rate is expected, for example 50/s, 2.5/s or 600/m")
        }
        return text
    }

    package static let url: Reader<String> = { text in
        guard Quantity.isURL(text) else {
            throw refuse("a URL is expected, for example http://HOST:PORT/PATH or https://HOST/")
        }
        return text
    }

    /// - Parameter lowestPort: 0 where the system may choose one.
    package static func address(lowestPort: Int) -> Reader<String> {
        { text in
            guard let address = HostPort(text), address.port >= lowestPort else {
                throw refuse("HOST:PORT is expected, for example 127.0.0.1:9464 or [::1]:9464")
            }
            return text
        }
    }

    // MARK: - Files

    package static let path: Reader<String> = { text in
        guard !text.isEmpty else { throw refuse("a path is expected") }
        return text
    }

    /// A file that can be read.
    package static let file: Reader<String> = { text in
        switch kind(of: try path(text)) {
        case nil: throw refuse("no such file")
        case .directory?: throw refuse("it is a directory")
        case .other?:
            guard access(text, R_OK) == 0 else { throw refuse("it cannot be read: \(reason())") }
            return text
        }
    }

    /// A file that is to be written, or written anew.
    package static let output: Reader<String> = { text in
        if kind(of: try path(text)) == .directory { throw refuse("it is a directory") }
        let folder = text.lastIndex(of: "/").map { $0 == text.startIndex ? "/" : String(text[..<$0]) } ?? "."
        guard kind(of: folder) == .directory else { throw refuse("there is no directory \(folder)") }
        let isThere = kind(of: text) != nil
        guard access(isThere ? text : folder, W_OK) == 0 else { throw refuse("it cannot be written: \(reason())") }
        return text
    }

    /// No file at all, for what an option would write has no meaning here.
    package static func nothing(because reason: String) -> Reader<String> { { _ in throw refuse(reason) } }

    /// A directory that is to be made, or made use of.
    package static let newDirectory: Reader<String> = { text in
        if kind(of: try path(text)) == .other { throw refuse("it is a file, and a directory is expected") }
        return text
    }

    package static let directory: Reader<String> = { text in
        guard kind(of: try path(text)) == .directory else { throw refuse("no such directory") }
        return text
    }

    /// One file, or as KUBECONFIG several, of which one at least is there.
    package static let kubeconfig: Reader<String> = { text in
        let files = try path(text).split(separator: ":").map(String.init)
        guard files.contains(where: { kind(of: $0) == .other }) else { throw refuse("no such file") }
        return text
    }

    private enum Kind {
        case directory, other
    }

    private static func kind(of path: String) -> Kind? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return status.st_mode & S_IFMT == S_IFDIR ? .directory : .other
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}

/// `HOST:PORT`; an IPv6 host stands in brackets.
package struct HostPort: Sendable, Equatable {
    package var host: String
    package var port: Int

    /// `nil` for what is no such address.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port), text[text.index(after: colon)...].allSatisfy(\.isNumber)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || "[]/".contains($0) }) else { return nil }
        (self.host, self.port) = (String(host), port)
    }
}

/// `NAME=CONTEXT`, or `NAME` alone for the context of that name.
package struct ClusterArgument: Sendable, Equatable {
    package var name: String
    package var context: String?
    /// As given.
    package var text: String

    package static let read: Checked.Reader<ClusterArgument> = { text in
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard sides.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }), let name = sides.first else {
            throw ValidationError("NAME=CONTEXT is expected")
        }
        return ClusterArgument(name: name, context: sides.count > 1 ? sides[1] : nil, text: text)
    }

    /// No cluster is named twice.
    package static func check(_ arguments: [ClusterArgument]) throws {
        var seen: Set<String> = []
        for argument in arguments where !seen.insert(argument.name).inserted {
            throw ValidationError("--cluster \(argument.text): \(argument.name) is given twice")
        }
    }
}
