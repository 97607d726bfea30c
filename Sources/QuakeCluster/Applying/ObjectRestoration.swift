package import QuakeKube

/// An object as it is now, with what a call changed in it put back: as far as nobody has changed it since.
///
///     before ──our call──► after ──others──► now ──restoration──► before, and what others changed
package struct ObjectRestoration: Sendable, Equatable {
    package private(set) var object: JSONValue
    /// Changes that others have written over since: left as they are.
    package private(set) var left: [FieldChange] = []
    /// Changes that it puts back.
    package private(set) var restored: [FieldChange] = []

    package init(of changes: [FieldChange], in now: JSONValue) {
        object = now
        for change in changes { undo(change) }
    }

    private mutating func undo(_ change: FieldChange) {
        if change.path.last == .order { return restoreOrder(change) }
        guard let found = Self.value(in: object, change.path[...]) else {
            if !change.isContainer { left.append(change) }
            return
        }
        if found.value == change.before { return }
        if found.value == change.after {
            object = Self.setting(change.before, in: object, change.path[...])
            restored.append(change)
        } else if !change.isContainer {
            left.append(change)
        }
    }

    // MARK: - Values

    private struct Found { var value: JSONValue? }

    /// What stands at a path; `nil` where the path leads through an element that is not there, or through a value of
    /// another type: nothing can be put there without harm to what others wrote.
    private static func value(in root: JSONValue?, _ path: ArraySlice<FieldStep>) -> Found? {
        guard let step = path.first else { return Found(value: root?.present) }
        let rest = path.dropFirst()
        let root = root?.present
        switch step {
        case .member(let name):
            guard root == nil || root?.objectValue != nil else { return nil }
            return value(in: root?[name], rest)
        case .element(let identity):
            guard root == nil || root?.arrayValue != nil else { return nil }
            let element = (root?.arrayValue ?? []).first { ListIdentity.matches($0, identity) }
            guard element != nil || rest.isEmpty else { return nil }
            return value(in: element, rest)
        case .order: return nil
        }
    }

    private static func setting(
        _ value: JSONValue?, in root: JSONValue?, _ path: ArraySlice<FieldStep>
    ) -> JSONValue {
        guard let step = path.first else { return value ?? .null }
        let rest = path.dropFirst()
        switch step {
        case .member(let name):
            var object = root?.objectValue == nil ? JSONValue.object([:]) : root ?? .null
            object[name] = setting(value, in: object[name], rest).present
            return object
        case .element(let identity):
            var elements = root?.arrayValue ?? []
            let place = elements.firstIndex { ListIdentity.matches($0, identity) }
            let element = setting(value, in: place.map { elements[$0] }, rest).present
            switch (place, element) {
            case (let place?, let element?): elements[place] = element
            case (let place?, nil): elements.remove(at: place)
            case (nil, let element?): elements.append(element)
            case (nil, nil): break
            }
            return .array(elements)
        case .order: return root ?? .null
        }
    }

    // MARK: - Orders

    /// Puts the elements that were there before back into their order; those of others follow.
    private mutating func restoreOrder(_ change: FieldChange) {
        let path = change.path.dropLast()
        guard let elements = Self.value(in: object, path)?.value?.arrayValue else { return }
        let before = Self.identities(change.before)
        let after = Self.identities(change.after)
        func sequence(_ identities: [[String: JSONValue]]) -> [[String: JSONValue]] {
            elements.compactMap { element in identities.first { ListIdentity.matches(element, $0) } }
        }
        let common = after.filter { before.contains($0) }
        let found = sequence(common)
        guard sequence(before) != before else { return }
        guard found == common.filter({ found.contains($0) }) else {
            left.append(change)
            return
        }
        let known = before.compactMap { identity in elements.first { ListIdentity.matches($0, identity) } }
        let others = elements.filter { element in !before.contains { ListIdentity.matches(element, $0) } }
        object = Self.setting(.array(known + others), in: object, path)
        restored.append(change)
    }

    private static func identities(_ list: JSONValue?) -> [[String: JSONValue]] {
        (list?.arrayValue ?? []).compactMap(\.objectValue)
    }
}
