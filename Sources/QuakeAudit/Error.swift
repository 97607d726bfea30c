/// Why an audit could not be made: the one error type of this module. A practice that is not met is a finding, no error.
package struct AuditError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong. The set is closed.
    package enum Code: String, Sendable {
        /// A saved snapshot cannot be read.
        case snapshot
        /// A rule is named that there is not.
        case rule
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

/// What a rule needs and a snapshot does not have. The auditor turns it into `not checked`.
package struct Unchecked: Error, Sendable, Equatable {
    /// Follows "not checked: ".
    package var why: String

    package init(_ why: String) { self.why = why }
}
