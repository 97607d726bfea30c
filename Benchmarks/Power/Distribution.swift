import Foundation
import QuakeAnalysis

/// What real repeats of one key showed.
struct Distribution {
    /// Recovery and loss of one repeat: they belong together.
    struct Pair {
        var recovery: Reading
        var loss: Reading
    }

    var key: ComparisonKey
    var repeats: [Pair]
    var periodNanoseconds: Int64

    /// One side of a comparison's JSON, which keeps the readings in the order of the repeats.
    static func read(_ file: String, side: String) throws -> [Distribution] {
        struct Document: Decodable {
            struct Summary: Decodable {
                var millis: [Double]
                var censored: [Int]

                var readings: [Reading] {
                    millis.enumerated().map {
                        Reading(Int64(($1 * 1e6).rounded()), isCensored: censored.contains($0))
                    }
                }
            }
            struct Figures: Decodable {
                var measure: Measure
                var baseline: Summary?
                var candidate: Summary?
                var minimumEffectMillis: Double
            }
            struct Key: Decodable {
                var key: ComparisonKey
                var measures: [Figures]
            }
            var keys: [Key]
        }
        let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(filePath: file)))
        return document.keys.map { key -> Distribution in
            func figures(_ measure: Measure) -> Document.Figures? { key.measures.first { $0.measure == measure } }
            func readings(_ measure: Measure) -> [Reading] {
                let summary = side == "baseline" ? figures(measure)?.baseline : figures(measure)?.candidate
                return summary?.readings ?? []
            }
            var repeats: [Pair] = []
            for (recovery, loss) in zip(readings(.recovery), readings(.loss)) {
                repeats.append(Pair(recovery: recovery, loss: loss))
            }
            // The minimum effect of a loss is 3 T.
            let period = Int64((figures(.loss)?.minimumEffectMillis ?? 60) * 1e6) / 3
            return Distribution(key: key.key, repeats: repeats, periodNanoseconds: period)
        }.sorted { $0.key < $1.key }
    }
}
