import Dispatch
import Synchronization

/// Transforms each element, on as many threads as there are processors; the results stand in the elements' order.
///
/// For work that takes a processor long and waits for nobody.
///
/// - Throws: of the errors that were met, the one of the first element.
func concurrentMap<Element: Sendable, Output: Sendable>(
    _ elements: [Element], _ transform: @Sendable (Element) throws -> Output
) throws -> [Output] {
    guard elements.count > 1 else { return try elements.map(transform) }
    let results = Mutex([Result<Output, any Error>?](repeating: nil, count: elements.count))
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
        let result = Result { try transform(elements[index]) }
        results.withLock { $0[index] = result }
    }
    return try results.withLock { $0 }.compactMap { try $0?.get() }
}

/// Does both at once; the first on the caller's own thread, so that it may itself be shared between processors: an
/// iteration of `concurrentPerform` cannot.
///
/// - Throws: the first one's error if both fail.
func concurrently<First, Second: Sendable>(
    _ first: () throws -> First, _ second: @escaping @Sendable () throws -> Second
) throws -> (First, Second) {
    let pending = Pending<Second>()
    DispatchQueue.global().async { pending.fill(Result(catching: second)) }
    let one = Result(catching: first)
    let other = pending.wait()
    return (try one.get(), try other.get())
}

/// A result that another thread brings.
private final class Pending<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isFilled = DispatchSemaphore(value: 0)

    func fill(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        isFilled.signal()
    }

    func wait() -> Result<Value, any Error> {
        isFilled.wait()
        guard let value = result.withLock({ $0 }) else { preconditionFailure("signalled before it was filled") }
        return value
    }
}
