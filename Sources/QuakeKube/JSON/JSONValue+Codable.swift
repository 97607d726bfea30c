import FoundationEssentials

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .int(number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .int(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }

    /// This value as a type of its own. For small and rare things; watch streams read fields one by one.
    ///
    /// - Throws: `.decoding`, with the path of the offending field.
    package func decode<T: Decodable>(_ type: T.Type = T.self) throws(KubeError) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(serialized()))
        } catch {
            throw KubeError(.decoding, "not a \(type): \(Self.describe(error))")
        }
    }

    /// Any value as JSON.
    ///
    /// - Throws: `.decoding` if it has no JSON, as an infinite number.
    package init(encoding value: some Encodable) throws(KubeError) {
        let data: Data
        do {
            data = try JSONEncoder().encode(value)
        } catch {
            throw KubeError(.decoding, "no JSON for \(type(of: value)): \(Self.describe(error))")
        }
        try self.init(parsing: data)
    }

    private static func describe(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        }
        switch error {
        case DecodingError.keyNotFound(_, let context), DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
            return place(context)
        default: return "\(error)"
        }
    }
}
