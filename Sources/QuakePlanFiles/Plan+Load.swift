package import QuakePlan

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Plan {
    /// Reads and validates a plan file and the files that it names.
    ///
    /// - Parameters:
    ///   - path: kept as ``path`` and named in problems; files that the plan names lie relative to its folder.
    ///   - expectations: the kinds of expectations that the plan may have.
    /// - Throws: every problem at once.
    package static func load(
        path: String, options: PlanOptions = PlanOptions(), actions: ActionRegistry = .standard,
        expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        switch PlanFile.content(of: path) {
        case .text(let text):
            return try parse(
                text, besides: path, options: options, actions: actions, expectations: expectations)
        case .unreadable(let why):
            let message = why == PlanFile.absent ? "the file cannot be read" : "the file \(why)"
            throw PlanError(problems: [Problem(file: path, position: nil, message: message)])
        }
    }

    /// Reads the plan that a command line names: the file of that path, or else the plan of that name in the program. A
    /// folder of that name is no plan.
    ///
    /// - Throws: every problem at once; where there is neither, with the name that may have been meant.
    package static func find(
        _ name: String, options: PlanOptions = PlanOptions(), actions: ActionRegistry = .standard,
        expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        let place = PlanFile.place(of: name)
        if place != .file, let shipped = ShippedPlan(named: name) {
            return try shipped.load(options: options, actions: actions, expectations: expectations)
        }
        if place == nil {
            let message = "the file cannot be read\(ShippedPlan.hint(for: name))"
            throw PlanError(problems: [Problem(file: name, position: nil, message: message)])
        }
        return try load(path: name, options: options, actions: actions, expectations: expectations)
    }

    /// Validates the text of a plan as though it stood in a file: those that it names are read.
    ///
    /// - Parameter content: reads what the plan names, of a path that is relative to the plan's folder already.
    package static func parse(
        _ text: String, besides path: String, options: PlanOptions = PlanOptions(),
        actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard,
        content: (String) -> Attachments.Content = PlanFile.content
    ) throws(PlanError) -> Plan {
        var files: [String: Attachments.Content] = [:]
        for name in fileNames(in: text, path: path, options: options, actions: actions, expectations: expectations) {
            files[name] = content(place(of: name, namedIn: path))
        }
        return try parse(
            text, path: path, options: options, attachments: Attachments(files), actions: actions,
            expectations: expectations)
    }
}

/// The one place where a plan and what it names are read.
package enum PlanFile {
    /// More is taken for a mistake, such as an image in a manifest's place.
    private static let largest = 8 << 20
    static let absent = "does not exist"

    /// What a path leads to.
    enum Place {
        case file, folder
    }

    /// `nil` where there is nothing. What cannot be looked at counts as a file, so that reading it says why.
    static func place(of path: String) -> Place? {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT || errno == ENOTDIR ? nil : .file }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// The content of a file, or why there is none.
    package static func content(of path: String) -> Attachments.Content {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return .unreadable(errno == ENOENT || errno == ENOTDIR ? absent : "cannot be read: \(reason())")
        }
        // A pipe is a shell's way to hand over what stands in no file.
        switch status.st_mode & S_IFMT {
        case S_IFREG where status.st_size > largest: return .unreadable("is larger than \(largest >> 20) MiB")
        case S_IFREG, S_IFIFO: break
        case S_IFDIR: return .unreadable("is a directory")
        default: return .unreadable("is a device, not a file")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .unreadable("cannot be read: \(reason())") }
        defer { close(descriptor) }
        guard let bytes = bytes(of: descriptor) else { return .unreadable("cannot be read: \(reason())") }
        guard bytes.count <= largest else { return .unreadable("is larger than \(largest >> 20) MiB") }
        guard let text = String(validating: bytes, as: UTF8.self) else { return .unreadable("is not UTF-8 text") }
        return .text(text)
    }

    /// All of a file, or a little more than ``largest``; `nil` where it cannot be read.
    private static func bytes(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= largest {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return nil }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return bytes
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
