import Testing

@testable import QuakeAnalysis

/// Work spread over the processors.
struct ConcurrentMapTests {
    private struct Refusal: Error, Equatable {
        var number: Int
    }

    @Test(arguments: [0, 1, 2, 100]) func resultsStandInTheOrderOfTheElements(count: Int) throws {
        let doubled = try concurrentMap(Array(0..<count)) { number in
            // The first ones take longest.
            for _ in 0..<(count - number) * 1000 { withExtendedLifetime(number) {} }
            return number * 2
        }
        #expect(doubled == (0..<count).map { $0 * 2 })
    }

    @Test func theFirstElementsErrorIsTheOneThatIsThrown() {
        #expect(throws: Refusal(number: 3)) {
            try concurrentMap(Array(0..<20)) { number in
                if number >= 3 { throw Refusal(number: number) }
            }
        }
    }
}
