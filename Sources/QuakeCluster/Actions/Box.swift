import Synchronization

/// One value that a closure of another task leaves behind.
package final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    package init(_ value: Value) { content = Mutex(value) }

    package var value: Value { content.withLock { $0 } }
    /// Replaces the value; the last call wins.
    package func set(_ value: Value) { content.withLock { $0 = value } }
}
