import QuakeKube

/// A collection as an answer. Its elements are made and written a few at a time, so that a list of any length takes what a
/// piece of it takes, however many clients ask for it at once and however slowly they read.
struct APIList: Sendable {
    /// Everything but the elements; not empty.
    var head: JSONValue
    /// Where the elements stand: `items` or `rows`.
    var key: String
    var objects: [JSONValue]
    /// What stands for objects in the answer, one element each.
    var elements: @Sendable (ArraySlice<JSONValue>) -> [JSONValue]

    /// All of it.
    var value: JSONValue {
        var value = head
        value[key] = .array(elements(objects[...]))
        return value
    }

    var pieces: Pieces { Pieces(of: self) }

    /// Its text, piece by piece.
    struct Pieces: Sendable, Sequence, IteratorProtocol {
        /// How many objects are made into elements at a time.
        private static let batch = 25
        /// Bytes of a piece, at least, but of the last one.
        private static let length = 64 * 1024

        private let elements: @Sendable (ArraySlice<JSONValue>) -> [JSONValue]
        private var rest: ArraySlice<JSONValue>
        /// Elements that are not written yet.
        private var made: ArraySlice<JSONValue> = []
        private var bytes: [UInt8]
        private var isFirst = true
        /// Whether the last piece was handed on.
        private(set) var isOver = false

        fileprivate init(of list: APIList) {
            elements = list.elements
            rest = list.objects[...]
            bytes = list.head.serialized()
            bytes.removeLast()
            bytes += Array(",\(JSONValue.string(list.key).text()):[".utf8)
        }

        mutating func next() -> [UInt8]? {
            guard !isOver else { return nil }
            while bytes.count < Self.length, let element = nextElement() {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                bytes += element.serialized()
            }
            if made.isEmpty, rest.isEmpty {
                isOver = true
                bytes += Array("]}".utf8)
            }
            defer { bytes = [] }
            return bytes
        }

        private mutating func nextElement() -> JSONValue? {
            if made.isEmpty {
                made = elements(rest.prefix(Self.batch))[...]
                rest = rest.dropFirst(Self.batch)
            }
            return made.popFirst()
        }
    }
}

extension APIAnswer {
    /// The same answer, a list made as a whole.
    var whole: APIAnswer {
        if case .list(let list) = self { .json(list.value) } else { self }
    }
}
