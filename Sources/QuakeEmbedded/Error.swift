/// Why embedded clusters could not be hosted.
package struct EmbeddedError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// No addresses are free, or one could not be bound.
        case addresses
        /// A cluster's configuration is not usable.
        case configuration
        /// A socket could not be made.
        case socket
        /// A pod's program could not be started.
        case program
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
