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
