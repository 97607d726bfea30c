package import QuakeBase

/// A moment of virtual time: nanoseconds since the simulation began.
package struct SimInstant: Sendable, Hashable, Comparable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package static let start = SimInstant(nanoseconds: 0)

    /// By time.
    package static func < (a: SimInstant, b: SimInstant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// To the nanosecond, the rest cut off.
    package static func + (a: SimInstant, b: Duration) -> SimInstant {
        SimInstant(nanoseconds: a.nanoseconds + b.inNanoseconds)
    }

    /// From `b` to `a`; negative where `b` is the later one.
    package static func - (a: SimInstant, b: SimInstant) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }
}

/// Names an object within its kind; cluster-wide objects have an empty namespace.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package var namespace: String
    package var name: String

    package init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// By namespace, then by name.
    package static func < (a: ObjectKey, b: ObjectKey) -> Bool { (a.namespace, a.name) < (b.namespace, b.name) }

    package var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }
}

extension SeededGenerator {
    /// Kubernetes' alphabet for generated names: no vowels, nothing that looks like another.
    package mutating func nameSuffix(_ length: Int = 5) -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &self)] })
    }
}
