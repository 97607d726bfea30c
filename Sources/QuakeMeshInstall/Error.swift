/// Why a mesh could not be installed.
package struct MeshError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
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
