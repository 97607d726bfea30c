import QuakeAnalysis
import QuakeBase
import Testing

/// Known values: computed with SciPy 1.17 (mannwhitneyu and wilcoxon with method="exact", fisher_exact, bootstrap with
/// method="percentile") or, where ties rule those out, by listing every choice.
@Suite("Statistics")
struct StatisticsTests {
    private static let candidate: [Int64] = [11, 14, 9, 20, 17, 16, 22, 13, 19, 25]
    private static let baseline: [Int64] = [8, 12, 10, 7, 15, 6, 18, 5, 4, 3]

    private func readings(_ values: [Int64]) -> [Reading] { values.map { Reading($0) } }

    private func isClose(_ a: Double, _ b: Double, within: Double = 1e-12) -> Bool { abs(a - b) <= within }

    // MARK: - Ranks

    @Test("rank a censored reading above every other of its bound")
    func censoredOrder() {
        let sorted = [
            Reading(30, isCensored: true), Reading(31), Reading(30), Reading(29, isCensored: true),
        ].sorted()
        #expect(
            sorted == [
                Reading(29, isCensored: true), Reading(30), Reading(30, isCensored: true), Reading(31),
            ])
    }

    @Test("count every choice where there are few")
    func exact() throws {
        let test = try #require(RankSumTest(readings(Self.candidate), against: readings(Self.baseline)))
        #expect(test.isExact)
        #expect(isClose(test.larger, 0.0019431033362921908))
        #expect(isClose(test.smaller, 0.9985602632661457))
    }

    @Test("share ranks between ties")
    func ties() throws {
        let test = try #require(RankSumTest(readings([4, 9, 7, 12, 8]), against: readings([3, 5, 4, 6, 7, 2])))
        #expect(isClose(test.larger, 13.0 / 462))
        #expect(isClose(test.smaller, 456.0 / 462))
    }

    @Test("test censored readings by their ranks")
    func censoredTest() throws {
        let candidate = [
            Reading(30), Reading(30), Reading(30, isCensored: true), Reading(28), Reading(30, isCensored: true),
        ]
        let test = try #require(RankSumTest(candidate, against: readings([30, 25, 27, 29, 26, 24])))
        #expect(isClose(test.larger, 7.0 / 462))
    }

    @Test("draw choices where there are many, and the same ones again")
    func drawn() throws {
        let a = (0..<40).map { Reading(Int64($0 * 7 % 101 + 12)) }
        let b = (0..<40).map { Reading(Int64(($0 * 13 + 5) % 97)) }
        let test = try #require(RankSumTest(a, against: b, seed: "s"))
        #expect(!test.isExact)
        // 0.0343 of 400,000 draws; 20,000 have a standard error of 0.0013.
        #expect(isClose(test.larger, 0.0343, within: 0.005))
        #expect(RankSumTest(a, against: b, seed: "s") == test)
    }

    @Test("find a p-value under alpha no more often than alpha allows, where nothing differs")
    func level() {
        var generator = SeededGenerator(seed: 7)
        var found = 0
        for _ in 0..<2000 {
            let values = (0..<20).map { _ in Reading(Int64(generator.below(6))) }
            if let test = RankSumTest(Array(values[..<10]), against: Array(values[10...])), test.larger <= 0.05 {
                found += 1
            }
        }
        // Expected at most 100, with a standard error of 10.
        #expect(found <= 140)
        #expect(found >= 20)
    }

    @Test("say nothing of an empty side")
    func empty() {
        #expect(RankSumTest([], against: [Reading(1)]) == nil)
        #expect(EffectSize.varghaDelaney([], above: [Reading(1)]) == nil)
    }

    @Test("test pairs by the signs of their ranks")
    func signedRanks() {
        let test = SignedRankTest([15, -7, 5, 20, 0, -9, 17, -12, 5, -10])
        #expect(test.pairs == 9)
        #expect(isClose(test.larger, 0.31640625))
        #expect(SignedRankTest([0, 0]).twoSided == 1)
    }

    // MARK: - Figures

    @Test("take the median of all differences")
    func hodgesLehmann() {
        #expect(HodgesLehmann.difference(Self.candidate.sorted(), Self.baseline.sorted()) == 8)
        #expect(
            HodgesLehmann.difference(
                [4000, 7000, 8000, 9000, 12_000], [2000, 3000, 4000, 5000, 6000, 7000]) == 3500)
        #expect(HodgesLehmann.difference([5], [7]) == -2)
        #expect(HodgesLehmann.paired([15, -7, 5, 20, 0, -9, 17, -12, 5, -10].map { $0 * 1000 }) == 2500)
    }

    @Test("select differences as sorting them all does", arguments: 0..<50)
    func selection(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func side() -> [Int64] { (0...generator.below(9)).map { _ in Int64(generator.below(40)) - 20 }.sorted() }
        let (a, b) = (side(), side())
        let all = a.flatMap { x in b.map { x - $0 } }.sorted()
        #expect(HodgesLehmann.difference(a, b) == HodgesLehmann.median(all))
    }

    @Test("bound figures by drawing the repeats again")
    func bootstrap() {
        var bootstrap = Bootstrap(seed: "s")
        let median = bootstrap.median([3, 5, 8, 9, 12, 13, 17, 21, 22, 30].map { $0 * 1000 })
        #expect((5000...8000).contains(median.lowerBound))
        #expect((20_000...22_000).contains(median.upperBound))
        let difference = bootstrap.difference(
            Self.candidate.map { $0 * 1000 }.sorted(), Self.baseline.map { $0 * 1000 }.sorted())
        #expect((3000...5000).contains(difference.lowerBound))
        #expect((11_500...13_500).contains(difference.upperBound))
        let paired = bootstrap.paired([15, -7, 5, 20, 0, -9, 17, -12, 5, -10].map { $0 * 1000 }.sorted())
        #expect((-8000...(-6000)).contains(paired.lowerBound))
        #expect((9000...11_000).contains(paired.upperBound))
        #expect(bootstrap.median([4, 4, 4]) == 4...4)
    }

    @Test("tell how often one side is above the other")
    func effectSize() throws {
        let large = try #require(
            EffectSize.varghaDelaney(readings(Self.candidate), above: readings(Self.baseline)))
        #expect(isClose(large, 0.87))
        let tied = try #require(
            EffectSize.varghaDelaney(readings([4, 9, 7, 12, 8]), above: readings([3, 5, 4, 6, 7, 2])))
        #expect(isClose(tied, 26.0 / 30))
    }

    @Test("correct for the number of tests")
    func holm() {
        let adjusted = Holm.adjusted([0.01, 0.04, 0.03, 0.005])
        for (a, b) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(isClose(a, b)) }
        #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
        #expect(Holm.adjusted([]).isEmpty)
    }

    @Test("compare counts exactly")
    func fisher() {
        #expect(isClose(FisherExact.larger(3, of: 10, against: 0, of: 10), 0.10526315789473684))
        #expect(isClose(FisherExact.larger(8, of: 10, against: 1, of: 6), 0.024475524475524483))
        #expect(isClose(FisherExact.larger(0, of: 10, against: 0, of: 10), 1))
        #expect(isClose(FisherExact.larger(10, of: 10, against: 10, of: 10), 1))
    }

    @Test("draw evenly")
    func generator() {
        var generator = SeededGenerator("text")
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<6000 { counts[generator.below(6)] += 1 }
        #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    }
}
