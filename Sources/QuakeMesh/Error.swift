/// Why a part of the mesh could not be run or installed.
package struct MeshError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// A setting is missing or wrong.
        case setting
        /// The cluster refused or did not follow.
        case cluster
        /// Not ready in time.
        case timeout
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
