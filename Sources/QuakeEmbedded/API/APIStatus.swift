import QuakeKube

/// An answer that says no, as a `Status` object says it.
package struct APIStatus: Error, Sendable {
    var code: Int
    var reason: String
    var message: String
    var details: JSONValue?
    var retryAfterSeconds: Int?
    /// What the answer's `Warning:` headers say.
    var warnings: [String] = []

    init(_ code: Int, _ reason: String, _ message: String, details: JSONValue? = nil, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.retryAfterSeconds = retryAfterSeconds
    }

    var json: JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "code": .int(Int64(code)),
        ]
        if !reason.isEmpty { status["reason"] = .string(reason) }
        if var details {
            if let retryAfterSeconds { details["retryAfterSeconds"] = .int(Int64(retryAfterSeconds)) }
            status["details"] = details
        }
        return status
    }

    static func success(_ code: Int, details: JSONValue? = nil) -> JSONValue {
        var status: JSONValue = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "code": .int(Int64(code)),
        ]
        if let details { status["details"] = details }
        return status
    }

    private static func details(_ kind: ResourceKind, _ name: String) -> JSONValue {
        ["name": .string(name), "group": .string(kind.group), "kind": .string(kind.resource)]
    }

    static func notFound(_ kind: ResourceKind, _ name: String) -> APIStatus {
        APIStatus(404, "NotFound", "\(kind.qualified) \"\(name)\" not found", details: details(kind, name))
    }

    static let noSuchPath = APIStatus(404, "NotFound", "the server could not find the requested resource")

    static func alreadyExists(_ kind: ResourceKind, _ name: String) -> APIStatus {
        APIStatus(409, "AlreadyExists", "\(kind.qualified) \"\(name)\" already exists", details: details(kind, name))
    }

    static func conflict(_ kind: ResourceKind, _ name: String, _ why: String) -> APIStatus {
        APIStatus(
            409, "Conflict", "Operation cannot be fulfilled on \(kind.qualified) \"\(name)\": \(why)",
            details: details(kind, name))
    }

    /// A pod that has another UID than its deletion or eviction asks for.
    static func otherUID(_ name: String, wanted: String, found: String) -> APIStatus {
        APIStatus(
            409, "Conflict",
            "Operation cannot be fulfilled on Pod \"\(name)\": the UID in the precondition (\(wanted)) does not match the UID in record (\(found)). The object might have been deleted and then recreated",
            details: ["name": .string(name), "kind": "Pod"])
    }

    static func badRequest(_ message: String) -> APIStatus { APIStatus(400, "BadRequest", message) }

    static let methodNotAllowed = APIStatus(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", details: [:])

    static func expired(_ version: Int) -> APIStatus {
        APIStatus(410, "Expired", "too old resource version: \(version)")
    }
}
