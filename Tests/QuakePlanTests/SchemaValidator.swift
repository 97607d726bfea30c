import QuakeYAML

/// The part of JSON Schema 2020-12 that the plan's schema uses. A keyword it does not know is an error, so that no rule
/// goes unchecked.
struct SchemaValidator {
    let root: YAMLNode

    /// Where an instance breaks the schema, as `path: why`; empty where it does not.
    func errors(_ instance: YAMLNode, schema: YAMLNode? = nil, path: String = "plan") -> [String] {
        (schema ?? root).mapping?.flatMap { pair in
            check(pair.key.scalar ?? "", pair.value, schema ?? root, instance, path)
        } ?? ["\(path): the schema is no mapping"]
    }

    private func check(
        _ keyword: String, _ rule: YAMLNode, _ schema: YAMLNode, _ instance: YAMLNode, _ path: String
    ) -> [String] {
        func fail(_ holds: Bool, _ why: String) -> [String] { holds ? [] : ["\(path) (line \(instance.line)): \(why)"] }
        switch keyword {
        case "$schema", "$id", "$defs", "title", "description": return []
        case "$ref": return reference(rule, instance, path)
        case "type":
            let types = rule.sequence?.compactMap(\.scalar) ?? [rule.scalar ?? ""]
            return fail(types.contains { isType($0, instance) }, "not \(types)")
        case "const": return fail(same(rule, instance), "not \(rule.scalar ?? "")")
        case "enum":
            let allowed = rule.sequence ?? []
            return fail(allowed.contains { same($0, instance) }, "not among \(allowed.compactMap(\.scalar))")
        case "pattern":
            guard isType("string", instance), let text = instance.scalar else { return [] }
            let pattern = rule.scalar ?? ""
            guard let regex = try? Regex(pattern) else { return ["bad pattern \(pattern)"] }
            return fail(text.firstMatch(of: regex) != nil, "\(text) does not match \(pattern)")
        case "minimum": return fail(instance.doubleValue.map { $0 >= rule.doubleValue ?? 0 } ?? true, "too small")
        case "minItems": return fail(instance.sequence.map { $0.count >= rule.intValue ?? 0 } ?? true, "too few")
        case "minProperties": return fail(instance.mapping.map { $0.count >= rule.intValue ?? 0 } ?? true, "too few")
        case "maxProperties": return fail(instance.mapping.map { $0.count <= rule.intValue ?? 0 } ?? true, "too many")
        case "uniqueItems":
            let texts = instance.sequence?.compactMap(\.scalar) ?? []
            return fail(Set(texts).count == texts.count, "given twice")
        case "required":
            let missing = rule.sequence?.compactMap(\.scalar).filter { instance[$0] == nil } ?? []
            return fail(instance.mapping == nil || missing.isEmpty, "lacks \(missing)")
        case "properties", "additionalProperties": return members(keyword, rule, schema, instance, path)
        case "propertyNames": return instance.mapping?.flatMap { errors($0.key, schema: rule, path: path) } ?? []
        case "items":
            return instance.sequence?.enumerated().flatMap { errors($1, schema: rule, path: "\(path)[\($0)]") } ?? []
        case "anyOf", "oneOf":
            let found = rule.sequence?.map { errors(instance, schema: $0, path: path) } ?? []
            let matching = found.count { $0.isEmpty }
            return keyword == "anyOf"
                ? fail(matching >= 1, "matches none: \(found)") : fail(matching == 1, "matches \(matching)")
        default: return ["\(path): the validator does not know \(keyword)"]
        }
    }

    private func reference(_ rule: YAMLNode, _ instance: YAMLNode, _ path: String) -> [String] {
        let name = rule.scalar.map { String($0.dropFirst("#/$defs/".count)) } ?? ""
        guard let definition = root["$defs"]?[name] else { return ["\(path): no definition \(name)"] }
        return errors(instance, schema: definition, path: path)
    }

    private func members(
        _ keyword: String, _ rule: YAMLNode, _ schema: YAMLNode, _ instance: YAMLNode, _ path: String
    ) -> [String] {
        instance.mapping?.flatMap { pair -> [String] in
            let key = pair.key.scalar ?? ""
            let own = schema["properties"]?[key]
            if keyword == "properties" {
                return own.map { errors(pair.value, schema: $0, path: "\(path).\(key)") } ?? []
            }
            if own != nil { return [] }
            if rule.boolValue == false { return ["\(path) (line \(pair.key.line)): unknown key \(key)"] }
            return errors(pair.value, schema: rule, path: "\(path).\(key)")
        } ?? []
    }

    private func isType(_ type: String, _ node: YAMLNode) -> Bool {
        switch type {
        case "object": node.mapping != nil
        case "array": node.sequence != nil
        case "null": node.isNull
        case "boolean": node.boolValue != nil
        case "integer": node.intValue != nil
        case "number": node.doubleValue != nil
        default: node.scalar != nil && !node.isNull && node.boolValue == nil && node.doubleValue == nil
        }
    }

    private func same(_ first: YAMLNode, _ second: YAMLNode) -> Bool {
        first.scalar == second.scalar && first.scalar != nil && first.intValue == second.intValue
            && first.boolValue == second.boolValue
    }
}
