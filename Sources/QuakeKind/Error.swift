import QuakeCluster

/// Why a container engine or a kind node did not do what was asked.
package struct KindError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// No docker, podman or nerdctl, or not the one that was named.
        case noEngine
        /// The engine refused or failed.
        case engine
        /// Something did not happen in time.
        case timeout
        /// A configuration or a name that cannot be meant.
        case config
        /// A node is not as kind makes it.
        case node
    }

    package var code: Code
    package var message: String
    package var hint: String?

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}

extension KindError: Refusal {
    /// An engine that fails says so before it has done anything to a container; one that does not answer says nothing.
    package var isRefusal: Bool { code != .timeout }
}
