import QuakeBase

/// How far a figure could be from the truth: percentile intervals (Efron 1979) from repeats drawn again with
/// replacement. With few repeats they are too narrow: at ten a side one of 95 % holds the truth about 90 times in 100.
package struct Bootstrap: Sendable {
    /// So many times repeats are drawn again.
    package static let resamples = 1000
    /// What the interval is meant to hold.
    package static let confidence = 0.95

    private var generator: SeededGenerator
    private let resamples: Int

    /// - Parameter resamples: fewer of them for whoever needs no intervals, at least 1.
    package init(seed: String, resamples: Int = Bootstrap.resamples) {
        generator = SeededGenerator(seed)
        self.resamples = resamples
    }

    /// Of the median.
    ///
    /// - Parameter values: in ascending order, not empty.
    package mutating func median(_ values: [Int64]) -> ClosedRange<Int64> {
        interval { generator in HodgesLehmann.median(Self.drawn(values, &generator)) }
    }

    /// Of the median of all differences a − b.
    ///
    /// - Parameters: both in ascending order, neither empty.
    package mutating func difference(_ a: [Int64], _ b: [Int64]) -> ClosedRange<Int64> {
        interval { generator in
            HodgesLehmann.difference(Self.drawn(a, &generator), Self.drawn(b, &generator))
        }
    }

    /// Of the paired difference.
    ///
    /// - Parameter differences: in ascending order, not empty.
    package mutating func paired(_ differences: [Int64]) -> ClosedRange<Int64> {
        interval { generator in HodgesLehmann.paired(Self.drawn(differences, &generator)) }
    }

    private mutating func interval(_ figure: (inout SeededGenerator) -> Int64) -> ClosedRange<Int64> {
        var figures: [Int64] = []
        figures.reserveCapacity(resamples)
        for _ in 0..<resamples { figures.append(figure(&generator)) }
        figures.sort()
        let tail = Int(Double(resamples) * (1 - Self.confidence) / 2)
        return figures[tail]...figures[resamples - 1 - tail]
    }

    /// As many of them as there are, each drawn from all, in ascending order again.
    private static func drawn(_ values: [Int64], _ generator: inout SeededGenerator) -> [Int64] {
        var times = [Int](repeating: 0, count: values.count)
        for _ in values.indices { times[generator.below(values.count)] += 1 }
        var result: [Int64] = []
        result.reserveCapacity(values.count)
        for (value, count) in zip(values, times) {
            for _ in 0..<count { result.append(value) }
        }
        return result
    }
}
