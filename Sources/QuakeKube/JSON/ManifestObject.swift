import QuakeYAML

/// One object of a manifest, with the place where it begins.
package struct ManifestObject: Sendable, Equatable {
    package var object: JSONValue
    /// 1-based.
    package var line: Int
    /// 1-based, in Unicode scalars.
    package var column: Int

    package init(object: JSONValue, line: Int, column: Int) {
        self.object = object
        self.line = line
        self.column = column
    }

    /// The objects of a manifest in order, as kubectl reads them: Lists are taken apart, empty documents left out, and
    /// values have the types of Go's YAML, for which `0644` is an octal number and `yes` is true.
    ///
    /// - Parameter file: names the text in errors; nothing is read from it.
    /// - Throws: `.config` with the position of what is no YAML.
    package static func all(of text: String, file: String) throws(KubeError) -> [ManifestObject] {
        let documents: [YAMLNode]
        do {
            documents = try YAML.parseAll(text, file: file)
        } catch {
            throw KubeError(.config, "\(error)")
        }
        return documents.flatMap(objects)
    }

    private static func objects(of node: YAMLNode) -> [ManifestObject] {
        if node["kind"]?.scalar?.hasSuffix("List") ?? false, let items = node["items"]?.sequence {
            return items.flatMap(objects)
        }
        return [ManifestObject(object: JSONValue(goYAML: node), line: node.line, column: node.column)]
    }
}

extension JSONValue {
    /// A YAML node with the types that Go's YAML, and so kubectl, gives it.
    fileprivate init(goYAML node: YAMLNode) {
        switch node.kind {
        case .mapping(let pairs):
            self = .object(
                Dictionary(pairs.map { ($0.key.scalar ?? "", JSONValue(goYAML: $0.value)) }) { $1 })
        case .sequence(let elements): self = .array(elements.map(JSONValue.init(goYAML:)))
        case .scalar(let scalar):
            switch GoScalar(scalar) {
            case .null: self = .null
            case .flag(let flag): self = .bool(flag)
            case .text(let text): self = .string(text)
            case .number: self = Self.goNumber(scalar.text)
            }
        }
    }

    /// As Go's `strconv.ParseInt` with base 0 reads it, else as a fraction.
    private static func goNumber(_ text: String) -> JSONValue {
        let plain = text.filter { $0 != "_" }
        let isNegative = plain.hasPrefix("-")
        let digits = plain.drop { $0 == "-" || $0 == "+" }.lowercased()
        let sign = isNegative ? "-" : ""
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where digits.hasPrefix(prefix) {
            return Int64(sign + digits.dropFirst(2), radix: radix).map { .int($0) } ?? .string(text)
        }
        if digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            let radix = digits.count > 1 && digits.hasPrefix("0") ? 8 : 10
            if let number = Int64(sign + digits, radix: radix) { return .int(number) }
        }
        guard let number = Double(plain), number.isFinite else { return .string(text) }
        return Int64(exactly: number).map { .int($0) } ?? .double(number)
    }
}
