/// Why the prober could not be set up. How a request ended is a sample, never an error.
package struct ProbeError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// The kernel or libcurl refused something that the prober cannot do without.
        case setUp
        /// A lane's address or mode cannot be probed.
        case lane
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
