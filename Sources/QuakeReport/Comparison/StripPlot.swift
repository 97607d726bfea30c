import QuakeAnalysis

/// Every repeat of both sides as a dot on one axis, with each side's median and its interval: what a table of medians
/// cannot show.
struct StripPlot {
    private static let width = 440
    private static let left = 74.0
    private static let right = 424.0
    private static let rows = [(name: "baseline", y: 38.0), (name: "candidate", y: 86.0)]

    var measure: MeasureComparison
    /// Colours the candidate; the words say it too.
    var verdict: RunComparison.Verdict

    var markup: Markup {
        let scale = Scale(measure)
        let sides = [measure.baseline, measure.candidate]
        let most = sides.compactMap { $0 }.flatMap { $0.readings.map(\.nanoseconds) }.max() ?? 0
        let axis = Axis(upTo: most)
        var body = ""
        for tick in axis.ticks {
            let x = place(tick, axis)
            body +=
                "<path class=\"grid\" d=\"M\(x) 16V112\"/><text class=\"tick\" x=\"\(x)\" y=\"127\">"
                + "\(scale.tick(tick))</text>"
        }
        for (row, side) in zip(Self.rows, sides) {
            body += "<text class=\"side\" x=\"0\" y=\"\(row.y + 4)\">\(row.name)</text>"
            guard let side else { continue }
            body += dots(side, row.y, axis, scale, isCandidate: row.name == "candidate")
        }
        let label = Markup.escaped(words(scale))
        return Markup(
            trusted: "<figure class=\"strip \(verdict.rawValue)\"><figcaption>\(measure.measure.name), \(scale.unit)"
                + "</figcaption><svg role=\"img\" aria-label=\"\(label)\" viewBox=\"0 0 \(Self.width) 134\">"
                + "<title>\(label)</title>\(body)</svg></figure>")
    }

    private func dots(
        _ side: MeasureComparison.Summary, _ y: Double, _ axis: Axis, _ scale: Scale, isCandidate: Bool
    ) -> String {
        let kind = isCandidate ? "candidate" : "baseline"
        var text =
            "<path class=\"interval \(kind)\" d=\"M\(place(side.low, axis)) \(y)H\(place(side.high, axis))\"/>"
            + "<path class=\"median \(kind)\" d=\"M\(place(side.median.nanoseconds, axis)) \(y - 15)V\(y + 15)\"/>"
        for (index, reading) in side.readings.enumerated() {
            // Spread over a few heights, so that equal readings do not hide each other.
            let (x, height) = (place(reading.nanoseconds, axis), y + Double(index % 5 - 2) * 4.5)
            let title = "<title>\(Markup.escaped("\(kind), \(scale.text(reading)) \(scale.unit)"))</title>"
            text +=
                reading.isCensored
                ? "<path class=\"dot censored \(kind)\" d=\"M\(x) \(height - 4)l7 4l-7 4z\">\(title)</path>"
                : "<circle class=\"dot \(kind)\" cx=\"\(x)\" cy=\"\(height)\" r=\"3.6\">\(title)</circle>"
        }
        return text
    }

    private func place(_ nanoseconds: Int64, _ axis: Axis) -> String {
        let share = axis.end == 0 ? 0 : Double(nanoseconds) / Double(axis.end)
        return Figures.decimals(Self.left + share * (Self.right - Self.left), 1)
    }

    private func words(_ scale: Scale) -> String {
        func side(_ name: String, _ summary: MeasureComparison.Summary?) -> String {
            guard let summary else { return "\(name): not measured" }
            return "\(name): median \(scale.text(summary.median)) \(scale.unit), \(scale.text(summary.low)) to "
                + "\(scale.text(summary.high)) of \(Figures.count(summary.readings.count, "repeat"))"
        }
        return "\(measure.measure.name); \(side("baseline", measure.baseline)); \(side("candidate", measure.candidate))"
    }

    /// From zero to a round number, in three to six steps.
    struct Axis {
        var end: Int64
        var ticks: [Int64]

        init(upTo most: Int64) {
            var step: Int64 = 1
            let factors: [Int64] = [2, 5, 10]
            var position = 0
            var power: Int64 = 1
            while step * 5 < most {
                step = power * factors[position]
                position += 1
                if position == factors.count {
                    position = 0
                    power *= 10
                }
            }
            let count = max(1, (most + step - 1) / step)
            end = count * step
            ticks = (0...count).map { $0 * step }
        }
    }
}
