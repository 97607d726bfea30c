import QuakeKube

/// One thing wrong with an object, as `field.Error` of Kubernetes says it.
struct FieldProblem: Sendable, Equatable {
    enum Kind: String, Sendable {
        case required = "FieldValueRequired"
        case invalid = "FieldValueInvalid"
        case typeInvalid = "FieldValueTypeInvalid"
        case notSupported = "FieldValueNotSupported"
        case duplicate = "FieldValueDuplicate"
        case forbidden = "FieldValueForbidden"
        case notFound = "FieldValueNotFound"
        case tooLong = "FieldValueTooLong"
        case tooMany = "FieldValueTooMany"
    }

    var path: String
    var kind: Kind
    /// The cause's message: what kind of problem, the value, the detail.
    var message: String
}

/// What is wrong with an object, in the order in which the API server finds it.
struct FieldProblems: Sendable {
    private(set) var all: [FieldProblem] = []

    mutating func add(_ path: String, _ kind: FieldProblem.Kind, _ message: String, _ detail: String = "") {
        all.append(FieldProblem(path: path, kind: kind, message: detail.isEmpty ? message : "\(message): \(detail)"))
    }

    mutating func required(_ path: String, _ detail: String = "") { add(path, .required, "Required value", detail) }

    mutating func invalid(_ path: String, _ value: JSONValue?, _ detail: String) {
        add(path, .invalid, "Invalid value: \((value ?? .null).text())", detail)
    }

    mutating func invalid(_ path: String, _ value: JSONValue?, _ details: [String]) {
        for detail in details { invalid(path, value, detail) }
    }

    mutating func forbidden(_ path: String, _ detail: String) { add(path, .forbidden, "Forbidden", detail) }

    mutating func duplicate(_ path: String, _ value: JSONValue) {
        add(path, .duplicate, "Duplicate value: \(value.text())")
    }

    mutating func notFound(_ path: String, _ value: JSONValue) { add(path, .notFound, "Not found: \(value.text())") }

    mutating func notSupported(_ path: String, _ value: JSONValue?, _ supported: [String]) {
        let list = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        add(path, .notSupported, "Unsupported value: \((value ?? "").text())", "supported values: \(list)")
    }

    mutating func oneOf(_ path: String, _ value: JSONValue?, _ supported: [String]) {
        if !supported.contains(value?.stringValue ?? "") { notSupported(path, value, supported) }
    }

    mutating func nonNegative(_ path: String, _ value: JSONValue?) {
        if let number = value?.intValue, number < 0 {
            invalid(path, value, "must be greater than or equal to 0")
        }
    }

    mutating func positive(_ path: String, _ value: JSONValue?, else detail: String = "must be greater than zero") {
        if (value?.intValue ?? 0) <= 0 { invalid(path, value ?? 0, detail) }
    }

    mutating func port(_ path: String, _ value: JSONValue?) {
        if !(1...65_535).contains(value?.intValue ?? 0) {
            invalid(path, value ?? 0, "must be between 1 and 65535, inclusive")
        }
    }

    mutating func unchanged(_ path: String, _ value: JSONValue?, _ before: JSONValue?) {
        if value != before { invalid(path, value, "field is immutable") }
    }
}

extension APIStatus {
    /// 422 with every problem as a cause; problems that read the same stand once in the message.
    static func invalid(_ kind: ResourceKind, _ name: String, _ problems: [FieldProblem]) -> APIStatus {
        var details: JSONValue = [
            "group": .string(kind.group), "kind": .string(kind.kind),
            "causes": .array(
                problems.map {
                    ["reason": .string($0.kind.rawValue), "message": .string($0.message), "field": .string($0.path)]
                }),
        ]
        if !name.isEmpty { details["name"] = .string(name) }
        if kind.group.isEmpty { details["group"] = nil }
        var seen: Set<String> = []
        let texts = problems.map { "\($0.path): \($0.message)" }.filter { seen.insert($0).inserted }
        let text = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        let type = kind.group.isEmpty ? kind.kind : "\(kind.kind).\(kind.group)"
        return APIStatus(422, "Invalid", "\(type) \"\(name)\" is invalid: \(text)", details: details)
    }
}
