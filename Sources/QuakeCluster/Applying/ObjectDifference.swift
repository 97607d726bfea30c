package import QuakeKube

/// What differs between an object before and after a call, field by field. What the server and its controllers write by
/// themselves is left out.
package enum ObjectDifference {
    /// In the order in which they are undone: a container after what it holds.
    package static func changes(from before: JSONValue, to after: JSONValue) -> [FieldChange] {
        var changes: [FieldChange] = []
        compare(Self.essence(of: before), Self.essence(of: after), [], into: &changes)
        return changes
    }

    /// An object without what its writers have no say in.
    package static func essence(of object: JSONValue) -> JSONValue {
        var copy = object
        copy["status"] = nil
        guard var metadata = object["metadata"], metadata.objectValue != nil else { return copy }
        for field in [
            "resourceVersion", "managedFields", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "generation", "uid", "selfLink",
        ] { metadata[field] = nil }
        if let annotations = metadata["annotations"]?.objectValue {
            // The Deployment controller's, which counts on whatever anyone puts back.
            let kept = annotations.filter { !$0.key.hasPrefix("deployment.kubernetes.io/") }
            metadata["annotations"] = kept.isEmpty && !annotations.isEmpty ? nil : .object(kept)
        }
        copy["metadata"] = metadata
        return copy
    }

    private static func compare(
        _ before: JSONValue?, _ after: JSONValue?, _ path: [FieldStep], into changes: inout [FieldChange]
    ) {
        let (before, after) = (before?.present, after?.present)
        guard before != after else { return }
        switch (before, after) {
        case (.object(let old)?, .object(let new)?): members(old, new, path, into: &changes)
        case (.object(let old)?, nil) where !old.isEmpty && !endsInElement(path):
            members(old, [:], path, into: &changes)
        case (nil, .object(let new)?) where !new.isEmpty && !endsInElement(path):
            members([:], new, path, into: &changes)
            changes.append(FieldChange(path, before: nil, after: [:]))
        case (.array(let old)?, .array(let new)?) where fields(path, old, new) != nil:
            elements(old, new, path, into: &changes)
        case (.array(let old)?, nil) where fields(path, old, []) != nil: elements(old, [], path, into: &changes)
        case (nil, .array(let new)?) where fields(path, [], new) != nil:
            elements([], new, path, into: &changes)
            changes.append(FieldChange(path, before: nil, after: []))
        default: changes.append(FieldChange(path, before: before, after: after))
        }
    }

    /// An element came or went as a whole.
    private static func endsInElement(_ path: [FieldStep]) -> Bool {
        if case .element? = path.last { true } else { false }
    }

    private static func members(
        _ old: [String: JSONValue], _ new: [String: JSONValue], _ path: [FieldStep], into changes: inout [FieldChange]
    ) {
        for key in Set(old.keys).union(new.keys).sorted() {
            compare(old[key], new[key], path + [.member(key)], into: &changes)
        }
    }

    private static func fields(_ path: [FieldStep], _ old: [JSONValue], _ new: [JSONValue]) -> [String]? {
        guard case .member(let name)? = path.last else { return nil }
        return ListIdentity.fields(of: name, [old, new])
    }

    private static func elements(
        _ old: [JSONValue], _ new: [JSONValue], _ path: [FieldStep], into changes: inout [FieldChange]
    ) {
        guard let fields = fields(path, old, new) else { return }
        let were = old.compactMap { ListIdentity.identity(of: $0, by: fields) }
        let are = new.compactMap { ListIdentity.identity(of: $0, by: fields) }
        for identity in were + are.filter({ !were.contains($0) }) {
            let step = FieldStep.element(identity)
            compare(
                old.first { ListIdentity.matches($0, identity) }, new.first { ListIdentity.matches($0, identity) },
                path + [step], into: &changes)
        }
        guard were != are, !were.isEmpty else { return }
        changes.append(
            FieldChange(
                path + [.order], before: .array(were.map { .object($0) }), after: .array(are.map { .object($0) })))
    }
}
