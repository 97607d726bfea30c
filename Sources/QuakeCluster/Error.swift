/// Why a plan's action could not be carried out. A drain that is blocked or a pod that stays Pending is an outcome, not an
/// error.
package struct ClusterError: Error, Sendable, CustomStringConvertible {
    /// The closed list of reasons; raw values are for logs.
    package enum Code: String, Sendable {
        /// Nothing matches a selector.
        case noTargets
        /// The environment cannot do this.
        case unsupported
        /// It would cut the last gateway or the quorum of etcd, and the plan does not expect that.
        case guarded
        /// The API server, kubectl or the environment refused or failed.
        case failed
        /// Something did not happen in time.
        case timeout
        /// Whose an object is cannot be told.
        case unknown
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
