/// Why a run's archive or journal could not be written or read.
package struct ArchiveError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// The directory or a file in it cannot be made, or exists already.
        case directory
        /// The database said no, as on a full disk.
        case database
        /// What stands there is no archive, or one of another version.
        case format
        /// The journal could not be written or synced: nothing may be changed then.
        case journal
    }

    package var code: Code
    package var message: String
    package var cause: String?

    package init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}
