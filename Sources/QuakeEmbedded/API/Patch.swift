import QuakeKube

/// The three patch types of the Kubernetes API.
enum Patch {
    static func apply(_ patch: JSONValue, type: PatchType, to object: JSONValue) throws(APIStatus) -> JSONValue {
        switch type {
        case .merge: merge(patch, into: object)
        case .strategic: try strategic(patch, into: object)
        case .json: try operations(patch, on: object)
        }
    }

    /// - Throws: 500, as the server does, for an element of a keyed list without its key.
    private static func strategic(_ patch: JSONValue, into object: JSONValue) throws(APIStatus) -> JSONValue {
        do throws(MissingMergeKey) {
            return try StrategicMerge.apply(patch, to: object)
        } catch {
            throw APIStatus(500, "", error.words)
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
