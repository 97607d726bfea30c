import FoundationEssentials
import QuakeKube

/// Reads the few request bodies that kubectl sends as protobuf: `k8s\0`, then `runtime.Unknown`.
///
/// Field numbers are those of Kubernetes' `generated.proto` files.
enum Protobuf {
    /// The object as JSON.
    ///
    /// - Throws: 415 for a kind without a table here, 400 for bytes that are no protobuf.
    static func decode(_ bytes: [UInt8]) throws(APIStatus) -> JSONValue {
        guard bytes.starts(with: [0x6B, 0x38, 0x73, 0]) else { throw .badRequest("not a Kubernetes protobuf") }
        let unknown = try fields(bytes[4...])
        let type = try fields(unknown[1]?.first?.bytes ?? [])
        let version = text(type[1]), kind = text(type[2])
        guard let shape = shapes[kind] else {
            throw APIStatus(415, "UnsupportedMediaType", "\(kind) is not read from protobuf here; send JSON")
        }
        var object = try message(unknown[2]?.first?.bytes ?? [], shape)
        object["apiVersion"] = .string(version)
        object["kind"] = .string(kind)
        return object
    }

    static func isProtobuf(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x6B, 0x38, 0x73, 0]) }

    // MARK: - Shapes

    private indirect enum Shape: Sendable {
        case string, integer, boolean, intOrString
        case bytes
        case map
        case bytesMap
        case message([Int: (String, Shape)])
        case list(Shape)
    }

    private static let meta = Shape.message([
        1: ("name", .string), 2: ("generateName", .string), 3: ("namespace", .string), 11: ("labels", .map),
        12: ("annotations", .map),
    ])
    private static let requirement = Shape.message([
        1: ("key", .string), 2: ("operator", .string), 3: ("values", .list(.string)),
    ])
    private static let selector = Shape.message([
        1: ("matchLabels", .map), 2: ("matchExpressions", .list(requirement)),
    ])
    private static let container = Shape.message([
        1: ("name", .string), 2: ("image", .string), 3: ("command", .list(.string)), 4: ("args", .list(.string)),
        6: (
            "ports",
            .list(
                .message([
                    1: ("name", .string), 2: ("hostPort", .integer), 3: ("containerPort", .integer),
                    4: ("protocol", .string),
                ]))
        ),
    ])
    private static let podSpec = Shape.message([
        2: ("containers", .list(container)), 3: ("restartPolicy", .string), 7: ("nodeSelector", .map),
        8: ("serviceAccountName", .string), 10: ("nodeName", .string),
    ])
    private static let servicePort = Shape.message([
        1: ("name", .string), 2: ("protocol", .string), 3: ("port", .integer), 4: ("targetPort", .intOrString),
        5: ("nodePort", .integer),
    ])

    private static let shapes: [String: Shape] = [
        "Namespace": .message([1: ("metadata", meta)]),
        "ConfigMap": .message([1: ("metadata", meta), 2: ("data", .map), 3: ("binaryData", .bytesMap)]),
        "Secret": .message([1: ("metadata", meta), 2: ("data", .bytesMap), 3: ("type", .string)]),
        "ServiceAccount": .message([1: ("metadata", meta)]),
        "Deployment": .message([
            1: ("metadata", meta),
            2: (
                "spec",
                .message([
                    1: ("replicas", .integer), 2: ("selector", selector),
                    3: ("template", .message([1: ("metadata", meta), 2: ("spec", podSpec)])),
                ])
            ),
        ]),
        "Pod": .message([1: ("metadata", meta), 2: ("spec", podSpec)]),
        "Service": .message([
            1: ("metadata", meta),
            2: (
                "spec",
                .message([
                    1: ("ports", .list(servicePort)), 2: ("selector", .map), 3: ("clusterIP", .string),
                    4: ("type", .string), 10: ("externalName", .string),
                ])
            ),
        ]),
        "PodDisruptionBudget": .message([
            1: ("metadata", meta),
            2: (
                "spec",
                .message([
                    1: ("minAvailable", .intOrString), 2: ("selector", selector), 3: ("maxUnavailable", .intOrString),
                ])
            ),
        ]),
        "DeleteOptions": .message([1: ("gracePeriodSeconds", .integer), 4: ("propagationPolicy", .string)]),
    ]

    // MARK: - Wire format

    private struct Field {
        var number: UInt64
        var bytes: ArraySlice<UInt8>
    }

    private static func text(_ field: [Field]?) -> String {
        String(decoding: field?.last?.bytes ?? [], as: UTF8.self)
    }

    private static func fields(_ bytes: ArraySlice<UInt8>) throws(APIStatus) -> [Int: [Field]] {
        var result: [Int: [Field]] = [:]
        var rest = bytes
        while !rest.isEmpty {
            let key = try varint(&rest)
            let number = Int(key >> 3)
            switch key & 7 {
            case 0: result[number, default: []].append(Field(number: try varint(&rest), bytes: []))
            case 1: rest = rest.dropFirst(8)
            case 2:
                let count = try varint(&rest)
                guard count <= rest.count else { throw .badRequest("truncated protobuf") }
                result[number, default: []].append(Field(number: 0, bytes: rest.prefix(Int(count))))
                rest = rest.dropFirst(Int(count))
            case 5: rest = rest.dropFirst(4)
            default: throw .badRequest("unknown protobuf wire type")
            }
        }
        return result
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) throws(APIStatus) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst(), shift < 64 {
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw .badRequest("truncated protobuf")
    }

    private static func message(_ bytes: ArraySlice<UInt8>, _ shape: Shape) throws(APIStatus) -> JSONValue {
        guard case .message(let members) = shape else { return .null }
        let found = try fields(bytes)
        var object: JSONValue = [:]
        for (number, (name, shape)) in members {
            guard let values = found[number], let last = values.last else { continue }
            let value = try value(values, last, shape)
            // Go writes empty strings and zeroes too; JSON leaves them out.
            if value != "" { object[name] = value }
        }
        return object
    }

    private static func value(_ all: [Field], _ last: Field, _ shape: Shape) throws(APIStatus) -> JSONValue {
        switch shape {
        case .string: return .string(String(decoding: last.bytes, as: UTF8.self))
        case .integer: return .int(Int64(bitPattern: last.number))
        case .boolean: return .bool(last.number != 0)
        case .bytes: return .string(Data(last.bytes).base64EncodedString())
        case .intOrString:
            let parts = try fields(last.bytes)
            let isString = parts[1]?.last?.number == 1
            return isString ? .string(text(parts[3])) : .int(Int64(bitPattern: parts[2]?.last?.number ?? 0))
        case .map, .bytesMap:
            var members: [String: JSONValue] = [:]
            for entry in all {
                let pair = try fields(entry.bytes)
                if case .map = shape {
                    members[text(pair[1])] = .string(text(pair[2]))
                } else {
                    members[text(pair[1])] = .string(Data(pair[2]?.last?.bytes ?? []).base64EncodedString())
                }
            }
            return .object(members)
        case .message: return try message(last.bytes, shape)
        case .list(let element):
            var elements: [JSONValue] = []
            for field in all { elements.append(try value([field], field, element)) }
            return .array(elements)
        }
    }
}
