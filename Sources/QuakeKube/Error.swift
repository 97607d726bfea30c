/// Why the Kubernetes side of the harness could not do what it was asked: the one error type of this module.
///
/// An answer that says no (a 404, a blocked eviction) arrives as one too; a caller for whom it is a finding asks for
/// ``code``.
package struct KubeError: Error, Sendable, Equatable {
    /// What went wrong, as far as a caller may want to decide by it. The set is closed.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// No connection: refused, reset, name not resolved, or closed before an answer.
        case unreachable
        /// No answer within the time-out.
        case timeout
        /// The certificate, the handshake or a key was not accepted, by either side.
        case tls
        /// 401.
        case unauthorized
        /// 403.
        case forbidden
        /// 404.
        case notFound
        /// 409 for another resourceVersion, uid or writer.
        case conflict
        /// 409 of a create: an object of that name exists.
        case alreadyExists
        /// 410: the resourceVersion or `continue` token is too old.
        case gone
        /// 400, 405, 406, 413, 415, 422: the request itself is at fault.
        case invalid
        /// 429; ``KubeError/retryAfter`` says when to come back. For an eviction: a disruption budget forbids it.
        case tooManyRequests
        /// 5xx and every other status.
        case server
        /// The answer, a file or a value is not what it should be.
        case decoding
        /// The kubeconfig, or something that it names, cannot be used.
        case config
        /// Another holder's Lease is alive.
        case locked
        /// A command could not be started, or ended badly.
        case command
        /// The task was cancelled meanwhile.
        case cancelled
    }

    package var code: Code
    /// One sentence, the server's own where there is one.
    package var message: String
    /// What was being done: `GET /api/v1/nodes/n1 at east`, a file and position, a command line.
    package var context: String
    /// The underlying error's text.
    package var cause: String?
    /// The HTTP status, where an answer arrived.
    package var httpStatus: Int?
    /// The `Status` object of the answer.
    package var status: JSONValue?
    /// From a `Retry-After` header.
    package var retryAfter: Duration?

    package init(
        _ code: Code, _ message: String, context: String = "", cause: String? = nil, httpStatus: Int? = nil,
        status: JSONValue? = nil, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        self.context = context
        self.cause = cause
        self.httpStatus = httpStatus
        self.status = status
        self.retryAfter = retryAfter
    }

    /// Whether the very same request may succeed later without anyone changing it.
    package var isTransient: Bool {
        switch code {
        case .unreachable, .timeout, .tooManyRequests, .server: true
        default: false
        }
    }

    /// The same error, with `outer` before what its context says already.
    package func within(_ outer: String) -> KubeError {
        var copy = self
        copy.context = context.isEmpty ? outer : "\(outer): \(context)"
        return copy
    }
}

extension KubeError: CustomStringConvertible {
    package var description: String {
        var text = context.isEmpty ? message : "\(context): \(message)"
        if let httpStatus { text += " (HTTP \(httpStatus))" }
        if let cause { text += " [\(cause)]" }
        return text
    }
}
