import QuakeAnalysis
import Testing

@Suite("Histories")
struct HistoryTests {
    private let healthy = [4.1, 4.3, 4.5, 4.6, 4.8, 4.9, 5.0, 5.1, 5.2, 5.3]

    private func history(_ nights: [[Double]], versions: [String] = []) -> RunHistory {
        let runs = nights.enumerated().map { index, values in
            let version = versions.isEmpty ? "v1.35.0" : versions[index]
            return MadeRepeats.run("n\(index)", [MadeRepeats.key(version: version): values], start: Int64(index))
        }
        return Historian(runs.reversed()).history()
    }

    @Test("put runs in the order of their start")
    func order() {
        #expect(history([healthy, healthy]).runs.map(\.id) == ["n0", "n1"])
    }

    @Test("find the run since when a key is worse")
    func firstBad() throws {
        let doubled = healthy.map { $0 * 2 }
        let trend = try #require(history([healthy, healthy.reversed(), doubled, doubled]).trends.first)
        #expect(trend.points.map(\.state) == [.first, .good, .worse, .worse])
        #expect(trend.firstBad?.run == 2)
        #expect(trend.firstBad?.badMeasures == [.recovery, .loss])
        #expect(trend.isBad)
    }

    @Test("tell a bad stretch that is over")
    func over() throws {
        let doubled = healthy.map { $0 * 2 }
        let trend = try #require(history([healthy, doubled, healthy]).trends.first)
        #expect(trend.points.map(\.state) == [.first, .worse, .good])
        #expect(trend.firstBad?.run == 1)
        #expect(!trend.isBad)
    }

    @Test("compare a few repeats with all that good runs showed")
    func few() throws {
        let trend = try #require(history([[4.5, 5.2], [9], [4.9], [5.8], [12], [5.1]]).trends.first)
        // Nothing is bad beside fewer than four; 9 s is then known, and 12 s within what 9 s allows.
        #expect(trend.points.map(\.state) == [.first, .good, .good, .good, .good, .good])
        let calm = try #require(history([[4.5, 5.2], [5.0, 4.8], [5.4], [9], [9], [5.0]]).trends.first)
        // 5.4 s is above 5.2 s by no more than 5.2 s is above the median.
        #expect(calm.points.map(\.state) == [.first, .good, .good, .high, .high, .good])
    }

    @Test("follow a key over versions, and say where they changed")
    func versions() throws {
        let trend = try #require(history([healthy, healthy], versions: ["v1.35.0", "v1.36.0"]).trends.first)
        #expect(trend.points.count == 2)
        #expect(trend.points[0].changed == nil)
        #expect(trend.points[1].changed?.contains("v1.36.0") == true)
    }
}
