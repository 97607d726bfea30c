/// An element of a list that is merged by key does not have the key.
package struct MissingMergeKey: Error, Sendable {
    package var element: JSONValue
    package var key: String

    /// In the words of the API server.
    package var words: String { "map: \(element.text()) does not contain declared merge key: \(key)" }
}

/// Kubernetes' strategic merge patch: as RFC 7386's, but lists whose elements have a key are merged element by element.
package enum StrategicMerge {
    /// Merge key of the lists that are merged by key, by field name; those that are not here are replaced, as `taints`
    /// is. Two fields of one name with other keys do not occur in the kinds served.
    private static let mergeKeys: [String: [String]] = [
        "containers": ["name"], "initContainers": ["name"], "volumes": ["name"], "env": ["name"],
        "volumeMounts": ["mountPath"], "imagePullSecrets": ["name"], "ownerReferences": ["uid"],
        "conditions": ["type"], "addresses": ["type"], "hostAliases": ["ip"],
        "topologySpreadConstraints": ["topologyKey"],
        // A Service's ports go by `port`, a container's by `containerPort`.
        "ports": ["containerPort", "port"],
    ]

    /// Lists of plain values that are merged as sets.
    private static let mergedSets: Set<String> = ["finalizers"]

    /// The object with a patch merged into it.
    ///
    /// - Throws: for an element of a keyed list without its key.
    package static func apply(_ patch: JSONValue, to object: JSONValue) throws(MissingMergeKey) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        if members["$patch"]?.stringValue == "replace" {
            var copy = patch
            copy["$patch"] = nil
            return copy
        }
        if members["$patch"]?.stringValue == "delete" { return .object([:]) }
        var result = object.objectValue == nil ? JSONValue.object([:]) : object
        if let kept = members["$retainKeys"]?.arrayValue?.compactMap(\.stringValue) {
            for key in (result.objectValue ?? [:]).keys where !kept.contains(key) { result[key] = nil }
        }
        for (key, value) in members where !key.hasPrefix("$") {
            result[key] = try merged(value, into: result[key], key: key)
        }
        for (key, value) in members where key.hasPrefix("$deleteFromPrimitiveList/") {
            let list = String(key.dropFirst("$deleteFromPrimitiveList/".count))
            let doomed = value.arrayValue ?? []
            if let present = result[list]?.arrayValue {
                result[list] = .array(present.filter { !doomed.contains($0) })
            }
        }
        for (key, value) in members where key.hasPrefix("$setElementOrder/") {
            let list = String(key.dropFirst("$setElementOrder/".count))
            if let present = result[list]?.arrayValue {
                result[list] = .array(ordered(present, by: value.arrayValue ?? [], list: list))
            }
        }
        return result
    }

    private static func merged(
        _ value: JSONValue, into present: JSONValue?, key: String
    ) throws(MissingMergeKey) -> JSONValue? {
        switch value {
        case .null: return nil
        case .object: return try apply(value, to: present ?? .null)
        case .array(let elements):
            if mergedSets.contains(key) {
                let old = present?.arrayValue ?? []
                return .array(old + elements.filter { !old.contains($0) })
            }
            guard let keys = mergeKeys[key], elements.allSatisfy({ $0.objectValue != nil }) else { return value }
            return .array(try mergeList(elements, into: present?.arrayValue ?? [], keys: keys))
        default: return value
        }
    }

    private static func mergeList(
        _ elements: [JSONValue], into present: [JSONValue], keys: [String]
    ) throws(MissingMergeKey) -> [JSONValue] {
        if elements.contains(where: { $0["$patch"]?.stringValue == "replace" }) {
            return elements.filter { $0["$patch"] == nil }
        }
        var result = present
        for element in elements {
            guard let key = keys.first(where: { element[$0] != nil }) else {
                throw MissingMergeKey(element: element, key: keys[0])
            }
            let index = result.firstIndex { $0[key] == element[key] }
            if element["$patch"]?.stringValue == "delete" {
                if let index { result.remove(at: index) }
            } else if let index {
                result[index] = try apply(element, to: result[index])
            } else {
                result.append(try apply(element, to: .object([:])))
            }
        }
        return result
    }

    /// Elements that the order names first, in its order, then the rest as they were.
    private static func ordered(_ present: [JSONValue], by order: [JSONValue], list: String) -> [JSONValue] {
        func identity(_ element: JSONValue) -> JSONValue? {
            guard element.objectValue != nil else { return element }
            return mergeKeys[list]?.compactMap { element[$0] }.first
        }
        let wanted = order.compactMap(identity)
        let named = wanted.compactMap { key in present.first { identity($0) == key } }
        return named + present.filter { element in !wanted.contains { $0 == identity(element) } }
    }

    // MARK: - The way back

    /// What makes `old` into `new` as a patch; `nil` where they are equal.
    ///
    /// Elements of keyed lists that are gone are deleted by their key, their order is not told; other lists are replaced.
    package static func patch(from old: JSONValue, to new: JSONValue) -> JSONValue? {
        guard old != new else { return nil }
        guard case .object(let before) = old, case .object(let after) = new else { return new }
        var patch: [String: JSONValue] = [:]
        for key in before.keys where after[key] == nil { patch[key] = .null }
        for (key, value) in after where before[key] != value {
            patch[key] = difference(from: before[key], to: value, key: key)
        }
        return .object(patch)
    }

    private static func difference(from old: JSONValue?, to new: JSONValue, key: String) -> JSONValue {
        guard let old else { return new }
        if old.objectValue != nil, new.objectValue != nil { return patch(from: old, to: new) ?? [:] }
        guard let before = old.arrayValue, let after = new.arrayValue, let keys = mergeKeys[key],
            (before + after).allSatisfy({ element in keys.contains { element[$0] != nil } })
        else { return new }
        func identity(of element: JSONValue) -> (name: String, value: JSONValue)? {
            keys.lazy.compactMap { name in element[name].map { (name, $0) } }.first
        }
        var elements: [JSONValue] = []
        for element in before {
            guard let own = identity(of: element), !after.contains(where: { $0[own.name] == own.value }) else {
                continue
            }
            elements.append([own.name: own.value, "$patch": "delete"])
        }
        for element in after {
            guard let own = identity(of: element) else { continue }
            guard let present = before.first(where: { $0[own.name] == own.value }) else {
                elements.append(element)
                continue
            }
            guard var change = patch(from: present, to: element) else { continue }
            change[own.name] = own.value
            elements.append(change)
        }
        return .array(elements)
    }
}
