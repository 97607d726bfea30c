/// One value that an expectation is held against, as both readings of suspect slots have it.
package struct JudgedValue: Sendable, Equatable {
    /// The value by one reading.
    package struct Side: Sendable, Equatable {
        /// In the unit of the expectation: a share, seconds, a count.
        package var number: Double
        /// A lower bound of what it would have become.
        package var isCensored: Bool
        /// Put after the figure in words.
        package var note: String

        package init(number: Double, isCensored: Bool = false, note: String = "") {
            self.number = number
            self.isCensored = isCensored
            self.note = note
        }
    }

    /// `nil` where there is nothing to hold the expectation against by that reading.
    package var best: Side?
    /// See ``best``.
    package var worst: Side?
    /// What was seen and where: `4.5 s on NodePort echo/new`.
    package var words: String
    /// Why it cannot be said whether the expectation holds, where the two differ.
    package var doubt = ""

    /// `nil` where neither reading has anything.
    ///
    /// - Parameters:
    ///   - number: a figure in words.
    ///   - place: the lane in words.
    ///   - open: put before a lower bound.
    package init?(
        best: Side?, worst: Side?, _ number: (Double) -> String, _ place: String, open: String = "not before "
    ) {
        guard best != nil || worst != nil else { return nil }
        self.best = best
        self.worst = worst
        words = "\(Self.words([best, worst].compactMap { $0 }, number, open)) on \(place)"
    }

    /// The same value out of both readings.
    package init?<Reading>(
        _ readings: TwoReadings<Reading>, _ value: (Reading) -> Double?, _ number: (Double) -> String, _ place: String
    ) {
        self.init(
            best: value(readings.best).map { Side(number: $0) }, worst: value(readings.worst).map { Side(number: $0) },
            number, place)
    }

    /// Of a value that is no figure.
    package init(best: Side, worst: Side, words: String, doubt: String) {
        self.best = best
        self.worst = worst
        self.words = words
        self.doubt = doubt
    }

    /// `4.5 s`, `not before 4.5 s`, `1.98 s to 14.2 s`, `1.98 s to > 14.2 s`.
    private static func words(_ sides: [Side], _ number: (Double) -> String, _ open: String) -> String {
        let sorted = sides.sorted { ($0.number, $0.isCensored ? 1 : 0) < ($1.number, $1.isCensored ? 1 : 0) }
        guard let low = sorted.first, let high = sorted.last else { return "" }
        let (least, most) = (number(low.number), number(high.number))
        guard sides.count > 1, least != most || low.isCensored != high.isCensored else {
            return (low.isCensored ? open : "") + least + low.note
        }
        return "\(low.isCensored ? "> " : "")\(least)\(low.note) to \(high.isCensored ? "> " : "")\(most)\(high.note)"
    }
}
