import QuakeYAML

/// kind's merge (its pkg/internal/patch/kubeadm_merge.go): RFC 7386, but that it adds to `certSANs`, and in documents of
/// v1beta4 to the lists `extraArgs` and `kubeletExtraArgs`, flag by flag.
extension MergePatch {
    private static let argumentKeys = ["extraArgs", "kubeletExtraArgs"]

    func apply(to document: YAMLNode, version: String, _ findings: Findings) -> YAMLNode {
        var (target, rest) = (document, body)
        extend(&target, by: &rest, isList: version.hasSuffix("v1beta4"), findings)
        return Self.merge(rest, into: target)
    }

    /// RFC 7386.
    static func merge(_ patch: YAMLNode, into target: YAMLNode?) -> YAMLNode {
        guard let pairs = patch.mapping else { return patch }
        var result = YAMLNode(.mapping([]), line: patch.line, column: patch.column)
        if let target, target.mapping != nil { result = target }
        for pair in pairs {
            let key = pair.key.scalar ?? ""
            if pair.value.jsonScalar == .null {
                result.remove(key)
            } else {
                result.set(pair.key, merge(pair.value, into: result[key]))
            }
        }
        return result
    }

    /// Merges what is merged in kind's own way, and takes it out of the patch.
    private func extend(
        _ target: inout YAMLNode, by patch: inout YAMLNode, isList: Bool, _ findings: Findings
    ) {
        for pair in patch.mapping ?? [] {
            let key = pair.key.scalar ?? ""
            if Self.argumentKeys.contains(key) {
                guard isList else { continue }
                target.set(pair.key, arguments(target[key], pair, findings))
                patch.remove(key)
            } else if key == "certSANs" {
                let old = target[key]?.sequence ?? []
                let new = (pair.value.sequence ?? []).filter { one in !old.contains { $0.isSame(as: one) } }
                target.set(pair.key, .list(old + new))
                patch.remove(key)
            } else if pair.value.mapping != nil {
                if target[key] == nil { target.set(pair.key, .tree([]).at(pair.value.place)) }
                guard var inner = target[key], inner.mapping != nil else { continue }
                var rest = pair.value
                extend(&inner, by: &rest, isList: isList, findings)
                target.set(pair.key, inner)
                patch.set(pair.key, rest)
            }
        }
    }

    /// Flags by name: a new value replaces, null removes, others are added. Without an apiVersion the old form counts too,
    /// a mapping; with one, kind drops it without a word.
    private func arguments(_ old: YAMLNode?, _ pair: YAMLPair, _ findings: Findings) -> YAMLNode {
        var result = old?.sequence ?? []
        var additions = pair.value.sequence ?? []
        if let mapping = pair.value.mapping {
            if target.apiVersion.isEmpty {
                additions = mapping.map { .tree([("name", $0.key), ("value", $0.value)]).at($0.key.place) }
            } else {
                dropped(pair, "a mapping, where \(target.apiVersion) has a list of names and values", findings)
            }
        } else if pair.value.sequence == nil {
            dropped(pair, "\(pair.value.shown), and no list of names and values", findings)
        }
        for addition in additions {
            guard let name = addition["name"]?.scalar else {
                findings.warn(
                    addition.place,
                    "kind silently drops this flag: an element of \(pair.key.scalar ?? "") has a name")
                continue
            }
            let value = addition["value"].flatMap { $0.jsonScalar == .null ? nil : $0 }
            let index = result.firstIndex { $0["name"]?.scalar == name }
            switch (index, value) {
            case (let index?, let value?):
                let key = result[index].mapping?.first { $0.key.scalar == "value" }?.key ?? .text("value")
                result[index].set(key, value)
                result[index] = result[index].at(addition.place)
            case (let index?, nil): result.remove(at: index)
            case (nil, _?): result.append(addition)
            case (nil, nil): break
            }
        }
        return .list(result)
    }

    private func dropped(_ pair: YAMLPair, _ what: String, _ findings: Findings) {
        findings.warn(
            pair.key.place, "kind silently drops this \(pair.key.scalar ?? ""): it is \(what)")
    }
}
