import QuakeKube

/// The structural schema of a custom resource, out of its CustomResourceDefinition: which fields there are, their
/// defaults and their constraints.
struct CustomSchema: Sendable {
    let root: JSONValue
    let shape: FieldShape
    private let hasRules: Bool

    /// - Returns: `nil` for a definition without a schema: everything is accepted then.
    init?(definition: JSONValue, version: String) {
        let versions = definition[path: "spec.versions"]?.arrayValue ?? []
        guard let found = versions.first(where: { $0["name"]?.stringValue == version }),
            let root = found[path: "schema.openAPIV3Schema"]
        else { return nil }
        self.root = root
        hasRules = root.text().contains("x-kubernetes-validations")
        guard case .members(var members) = Self.shape(of: root) else {
            shape = .any
            return
        }
        members["apiVersion"] = .string
        members["kind"] = .string
        members["metadata"] = .named("ObjectMeta")
        shape = .members(members)
    }

    private static func shape(of schema: JSONValue) -> FieldShape {
        if schema["x-kubernetes-preserve-unknown-fields"] == true { return .any }
        if schema["x-kubernetes-int-or-string"] == true { return .any }
        switch schema["type"]?.stringValue {
        case "array": return .list(schema["items"].map(shape) ?? .any)
        case "object":
            if let extra = schema["additionalProperties"] {
                return .map(extra.boolValue == nil ? shape(of: extra) : .any)
            }
            return .members((schema["properties"]?.objectValue ?? [:]).mapValues(shape))
        default: return .any
        }
    }

    // MARK: - Defaults

    func defaulted(_ object: JSONValue) -> JSONValue { Self.defaulted(object, root) }

    private static func defaulted(_ value: JSONValue, _ schema: JSONValue) -> JSONValue {
        switch value {
        case .object(var members):
            for (name, inner) in schema["properties"]?.objectValue ?? [:] {
                if members[name] == nil, let standard = inner["default"] { members[name] = standard }
                if let member = members[name] { members[name] = defaulted(member, inner) }
            }
            if let extra = schema["additionalProperties"], extra.objectValue != nil {
                members = members.mapValues { defaulted($0, extra) }
            }
            return .object(members)
        case .array(let elements): return .array(elements.map { defaulted($0, schema["items"] ?? .null) })
        default: return value
        }
    }

    // MARK: - Constraints

    private static let unchecked =
        "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"

    func problems(of object: JSONValue, replacing old: JSONValue?) -> [FieldProblem] {
        var problems = FieldProblems()
        check(object, root, "", &problems)
        let blocking: [FieldProblem.Kind] = [.required, .notSupported, .typeInvalid, .tooLong, .tooMany]
        if problems.all.contains(where: { blocking.contains($0.kind) }) {
            if hasRules { problems.invalid("<nil>", .null, Self.unchecked) }
        } else {
            rules(object, old, root, "", &problems)
        }
        return problems.all
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        guard fits(value, schema, path, &problems) else { return }
        limits(value, schema, path, &problems)
        for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where value[name] == nil {
            problems.required(Self.child(path, name))
        }
        eachChild(value, schema, path) { check($0, $1, $2, &problems) }
    }

    private static func child(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private func eachChild(
        _ value: JSONValue, _ schema: JSONValue, _ path: String, _ body: (JSONValue, JSONValue, String) -> Void
    ) {
        let properties = schema["properties"]?.objectValue ?? [:]
        for (name, inner) in (value.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            if path.isEmpty, ["metadata", "apiVersion", "kind"].contains(name) { continue }
            if let known = properties[name] {
                body(inner, known, Self.child(path, name))
            } else if let extra = schema["additionalProperties"], extra.objectValue != nil {
                body(inner, extra, Self.child(path, name))
            }
        }
        for (index, inner) in (value.arrayValue ?? []).enumerated() {
            body(inner, schema["items"] ?? .null, "\(path)[\(index)]")
        }
    }

    private func fits(
        _ value: JSONValue, _ schema: JSONValue, _ path: String, _ problems: inout FieldProblems
    ) -> Bool {
        guard let wanted = schema["type"]?.stringValue, schema["x-kubernetes-int-or-string"] != true else {
            return true
        }
        let found =
            switch value {
            case .null: "null"
            case .bool: "boolean"
            case .int: "integer"
            case .double(let number): number == number.rounded() ? "integer" : "number"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            }
        if found == wanted || (wanted == "number" && found == "integer") { return true }
        if value.isNull, schema["nullable"] == true { return true }
        problems.add(
            path, .typeInvalid, "Invalid value: \"\(found)\"",
            "\(path) in body must be of type \(wanted): \"\(found)\"")
        return false
    }

    private func limits(_ value: JSONValue, _ schema: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        if let allowed = schema["enum"]?.arrayValue, !allowed.contains(value) {
            problems.notSupported(path, value, allowed.map { $0.stringValue ?? $0.text() })
        }
        if let number = value.doubleValue {
            if let least = schema["minimum"]?.doubleValue, number < least {
                problems.invalid(path, value, "\(path) in body should be greater than or equal to \(Self.text(least))")
            }
            if let most = schema["maximum"]?.doubleValue, number > most {
                problems.invalid(path, value, "\(path) in body should be less than or equal to \(Self.text(most))")
            }
        }
        if let text = value.stringValue { self.text(text, schema, path, &problems) }
        if let count = value.arrayValue?.count {
            if let most = schema["maxItems"]?.intValue, count > most {
                problems.add(path, .tooMany, "Too many: \(count)", "must have at most \(most) items")
            }
            if let least = schema["minItems"]?.intValue, count < least {
                problems.invalid(path, .int(Int64(count)), "\(path) in body should have at least \(least) items")
            }
        }
        if let most = schema["maxProperties"]?.intValue, let count = value.objectValue?.count, count > most {
            problems.add(path, .tooMany, "Too many: \(count)", "must have at most \(most) items")
        }
    }

    private func text(_ text: String, _ schema: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        if let most = schema["maxLength"]?.intValue, text.unicodeScalars.count > most {
            problems.add(path, .tooLong, "Too long: may not be more than \(most) bytes")
        }
        if let least = schema["minLength"]?.intValue, text.unicodeScalars.count < least {
            problems.invalid(path, .string(text), "\(path) in body should be at least \(least) chars long")
        }
        if let pattern = schema["pattern"]?.stringValue, let regex = try? Regex(pattern),
            text.firstMatch(of: regex) == nil
        {
            problems.invalid(path, .string(text), "\(path) in body should match '\(pattern)'")
        }
    }

    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    /// `x-kubernetes-validations`. A rule in words that ``CELRule`` does not know is not checked.
    private func rules(
        _ value: JSONValue, _ old: JSONValue?, _ schema: JSONValue, _ path: String, _ problems: inout FieldProblems
    ) {
        for rule in schema["x-kubernetes-validations"]?.arrayValue ?? [] {
            guard let text = rule["rule"]?.stringValue, CELRule(text)?.holds(value, old: old) == false else { continue }
            let message = rule["message"]?.stringValue ?? "failed rule: \(text)"
            let isPlain = value.objectValue == nil && value.arrayValue == nil
            problems.add(
                path, .invalid, isPlain ? "Invalid value: \(value.text()): \(message)" : "Invalid value: \(message)")
        }
        eachChild(value, schema, path) { inner, innerSchema, innerPath in
            let name = innerPath.hasPrefix(path) ? innerPath.dropFirst(path.isEmpty ? 0 : path.count + 1) : ""
            let before = value.objectValue == nil ? nil : old?[String(name)]
            rules(inner, before, innerSchema, innerPath, &problems)
        }
    }
}
