import QuakeBase
import Testing

@Suite("Seeded choices")
struct SeededGeneratorTests {
    /// SplitMix64's first outputs for seed 1234567, as in Vigna's reference implementation.
    @Test("are SplitMix64's")
    func reference() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in generator.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test("stay below their bound")
    func bounds() {
        var generator = SeededGenerator("a")
        #expect((0..<1000).allSatisfy { _ in (0..<7).contains(generator.below(7)) })
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(generator.unit()) })
        #expect(generator.below(1) == 0)
        #expect((0..<1000).allSatisfy { _ in generator.below(.max) >= 0 })
    }

    @Test("are the same for the same seed, and others for another")
    func streams() {
        func first(_ seed: UInt64) -> UInt64 {
            var generator = SeededGenerator(seed: seed)
            return generator.next()
        }
        #expect(first(.max) == first(.max) && first(0) != first(1))
        var (one, same, other) = (SeededGenerator("a"), SeededGenerator("a"), SeededGenerator("b"))
        let drawn = one.next()
        #expect(drawn == same.next() && drawn != other.next())
    }

    @Test("have a separate seed for each place")
    func places() {
        #expect(SeededGenerator.seed(1, 2, 3) != SeededGenerator.seed(1, 3, 2))
        #expect(SeededGenerator.seed(1, 2, 3) == SeededGenerator.seed(SeededGenerator.seed(1, 2), 3))
        #expect(SeededGenerator.seed(7) == 7)
        #expect(SeededGenerator.seed(1, .max) != SeededGenerator.seed(1, 0))
    }
}
