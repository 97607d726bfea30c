import QuakeKube

/// The three patch types of the Kubernetes API.
enum Patch {
    static func apply(_ patch: JSONValue, type: PatchType, to object: JSONValue) throws(APIStatus) -> JSONValue {
        switch type {
        case .merge: merge(patch, into: object)
        case .strategic: try strategic(patch, into: object, field: "")
        case .json: try operations(patch, on: object)
        }
    }

    /// RFC 7386.
    static func merge(_ patch: JSONValue, into object: JSONValue) -> JSONValue {
        guard case .object(let members) = patch else { return patch }
        var result = object.objectValue == nil ? JSONValue.object([:]) : object
        for (key, value) in members {
            if value.isNull {
                result[key] = nil
            } else {
                result[key] = merge(value, into: result[key] ?? .null)
            }
        }
        return result
    }

    // MARK: - Strategic merge

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

    /// - Throws: 500, as the server does, for an element of a keyed list without its key.
    static func strategic(_ patch: JSONValue, into object: JSONValue, field: String) throws(APIStatus) -> JSONValue {
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
    ) throws(APIStatus) -> JSONValue? {
        switch value {
        case .null: return nil
        case .object: return try strategic(value, into: present ?? .null, field: key)
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
    ) throws(APIStatus) -> [JSONValue] {
        if elements.contains(where: { $0["$patch"]?.stringValue == "replace" }) {
            return elements.filter { $0["$patch"] == nil }
        }
        var result = present
        for element in elements {
            guard let key = keys.first(where: { element[$0] != nil }) else {
                throw APIStatus(
                    500, "", "map: \(element.text()) does not contain declared merge key: \(keys[0])")
            }
            let index = result.firstIndex { $0[key] == element[key] }
            if element["$patch"]?.stringValue == "delete" {
                if let index { result.remove(at: index) }
            } else if let index {
                result[index] = try strategic(element, into: result[index], field: "")
            } else {
                result.append(try strategic(element, into: .object([:]), field: ""))
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

    // MARK: - RFC 6902

    static func operations(_ patch: JSONValue, on object: JSONValue) throws(APIStatus) -> JSONValue {
        guard let operations = patch.arrayValue else { throw .unappliable }
        var result = object
        for operation in operations {
            let path = pointer(operation["path"]?.stringValue ?? "")
            let name = operation["op"]?.stringValue ?? ""
            switch name {
            case "add", "replace":
                try edit(&result, path[...], replacing: name == "replace", value: operation["value"] ?? .null)
            case "remove": try edit(&result, path[...], replacing: true, value: nil)
            case "move", "copy":
                let from = pointer(operation["from"]?.stringValue ?? "")
                guard let value = lookUp(result, from[...]) else { throw .unappliable }
                if name == "move" { try edit(&result, from[...], replacing: true, value: nil) }
                try edit(&result, path[...], replacing: false, value: value)
            case "test":
                guard lookUp(result, path[...]) ?? .null == operation["value"] ?? .null else { throw .unappliable }
            default: throw .unappliable
            }
        }
        return result
    }

    private static func pointer(_ text: String) -> [String] {
        text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func lookUp(_ value: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
        guard let first = path.first else { return value }
        let child = value.arrayValue == nil ? value[first] : Int(first).flatMap { value[$0] }
        return child.flatMap { lookUp($0, path.dropFirst()) }
    }

    private static func edit(
        _ target: inout JSONValue, _ path: ArraySlice<String>, replacing: Bool, value: JSONValue?
    ) throws(APIStatus) {
        guard let first = path.first else {
            target = value ?? .null
            return
        }
        let isLast = path.count == 1
        if var elements = target.arrayValue {
            let index = first == "-" ? elements.count : Int(first) ?? -1
            guard index >= 0, index < elements.count || (isLast && !replacing && index == elements.count) else {
                throw .unappliable
            }
            if !isLast {
                try edit(&elements[index], path.dropFirst(), replacing: replacing, value: value)
            } else if let value {
                if replacing { elements[index] = value } else { elements.insert(value, at: index) }
            } else {
                elements.remove(at: index)
            }
            target = .array(elements)
            return
        }
        if isLast {
            // The server's library replaces what is not there, but does not remove it.
            if replacing, value == nil, target[first] == nil { throw .unappliable }
            target[first] = value
        } else {
            guard var child = target[first] else { throw .unappliable }
            try edit(&child, path.dropFirst(), replacing: replacing, value: value)
            target[first] = child
        }
    }
}
