internal import HeapModule

/// What is to happen, by virtual time and, at one moment, in the order of its scheduling.
struct EventQueue<Payload: Sendable>: Sendable {
    private struct Entry: Comparable, Sendable {
        var at: SimInstant
        var order: UInt64
        var payload: Payload

        static func < (a: Entry, b: Entry) -> Bool { (a.at, a.order) < (b.at, b.order) }
        static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    }

    private var heap = Heap<Entry>()
    private var scheduled: UInt64 = 0

    var nextTime: SimInstant? { heap.min?.at }
    var count: Int { heap.count }

    mutating func add(_ payload: Payload, at: SimInstant) {
        scheduled += 1
        heap.insert(Entry(at: at, order: scheduled, payload: payload))
    }

    /// The earliest entry if it is due by `limit`.
    mutating func pop(by limit: SimInstant) -> (at: SimInstant, payload: Payload)? {
        guard let first = heap.min, first.at <= limit else { return nil }
        heap.removeMin()
        return (first.at, first.payload)
    }
}
