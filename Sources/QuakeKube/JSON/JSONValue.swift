/// Any JSON value, as the Kubernetes API speaks it.
///
/// Whole numbers that fit stay integers, so that a resourceVersion-like number or a port never becomes `8080.0`. An
/// object forgets its key order; ``serialized(pretty:)`` writes keys sorted by their UTF-8 bytes, so that equal values
/// have equal text.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    /// Finite. A number with a fraction or an exponent, or one that no Int64 holds.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// The text of a string; `nil` for every other kind of value.
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// A whole number, be it written `3` or `3.0`.
    package var intValue: Int? {
        switch self {
        case .int(let number): Int(number)
        case .double(let number): Int(exactly: number)
        default: nil
        }
    }

    /// Any number.
    package var doubleValue: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// `true` or `false`; strings and numbers are not coerced.
    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The elements of an array; `nil` for every other kind of value.
    package var arrayValue: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object; `nil` for every other kind of value.
    package var objectValue: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// The string members of an object of strings, as labels and annotations are. Empty for everything else.
    package var stringMembers: [String: String] {
        (objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    /// A member of an object: `nil` where there is none or this is no object. Setting turns a non-object into one;
    /// setting `nil` removes the member.
    package subscript(key: String) -> JSONValue? {
        get {
            if case .object(let members) = self { members[key] } else { nil }
        }
        set {
            // Taken out before it is changed, so that the dictionary is not copied for each member.
            var members: [String: JSONValue] = [:]
            if case .object(let present) = self { members = present }
            self = .null
            members[key] = newValue
            self = .object(members)
        }
    }

    /// An element of an array; `nil` out of bounds or for a non-array. Setting out of bounds does nothing.
    package subscript(index: Int) -> JSONValue? {
        get {
            guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
            return elements[index]
        }
        set {
            guard case .array(var elements) = self, elements.indices.contains(index), let newValue else { return }
            self = .null
            elements[index] = newValue
            self = .array(elements)
        }
    }

    /// A value deeper down: `value.at("spec", "taints", 0, "key")`. `nil` where the way ends before.
    package func at(_ steps: any JSONStep...) -> JSONValue? {
        var current = self
        for step in steps {
            guard let next = step.step(into: current) else { return nil }
            current = next
        }
        return current
    }

    /// A value by a dotted path, `spec.taints.0.key`. Keys that contain dots (most label keys) need ``at(_:)``.
    package subscript(path path: String) -> JSONValue? {
        var current = self
        for part in path.split(separator: ".", omittingEmptySubsequences: false) {
            let member = current[String(part)] ?? Int(part).flatMap { current[$0] }
            guard let member else { return nil }
            current = member
        }
        return current
    }

    /// Sets a value by a path of keys, and makes the objects on the way; `nil` removes it.
    package mutating func set(_ value: JSONValue?, at keys: String...) {
        set(value, at: keys[...])
    }

    private mutating func set(_ value: JSONValue?, at keys: ArraySlice<String>) {
        guard let first = keys.first else { return }
        let rest = keys.dropFirst()
        if rest.isEmpty {
            self[first] = value
        } else if value != nil || self[first] != nil {
            var child = self[first] ?? .object([:])
            self[first] = .null
            child.set(value, at: rest)
            self[first] = child
        }
    }
}

/// One step of ``JSONValue/at(_:)``: a `String` for a member, an `Int` for an element.
package protocol JSONStep: Sendable {
    /// The value at this step; `nil` where there is none.
    func step(into value: JSONValue) -> JSONValue?
}

extension String: JSONStep {
    package func step(into value: JSONValue) -> JSONValue? { value[self] }
}

extension Int: JSONStep {
    package func step(into value: JSONValue) -> JSONValue? { value[self] }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }

    /// An object of strings, as labels and annotations are.
    package init(_ strings: [String: String]) {
        self = .object(strings.mapValues { .string($0) })
    }
}
