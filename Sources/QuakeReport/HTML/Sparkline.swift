/// A small line of values in order, with what a reader who cannot see it needs in its label.
package struct Sparkline: Sendable {
    /// `nil` for what was not measured: the line breaks there.
    package var values: [Double?]
    package var label: String
    /// Positions that are marked as bad.
    package var bad: Set<Int>

    package init(_ values: [Double?], label: String, bad: Set<Int> = []) {
        self.values = values
        self.label = label
        self.bad = bad
    }

    package var markup: Markup {
        let known = values.compactMap { $0 }
        guard let most = known.max() else { return Markup(trusted: "<span class=\"muted\">–</span>") }
        let least = min(0, known.min() ?? 0)
        let (width, height) = (max(40, min(240, values.count * 8)), 24)
        func place(_ index: Int, _ value: Double) -> (String, String) {
            let x =
                values.count < 2 ? Double(width) / 2 : 2 + Double(index) / Double(values.count - 1) * Double(width - 4)
            let y = most == least ? Double(height) / 2 : 21 - (value - least) / (most - least) * 18
            return (Figures.decimals(x, 1), Figures.decimals(y, 1))
        }
        var path = ""
        var isDown = false
        var marks = ""
        for (index, value) in values.enumerated() {
            guard let value else {
                isDown = false
                continue
            }
            let (x, y) = place(index, value)
            path += "\(isDown ? "L" : "M")\(x) \(y)"
            isDown = true
            if bad.contains(index) {
                marks += "<circle class=\"bad\" cx=\"\(x)\" cy=\"\(y)\" r=\"2.5\"/>"
            } else if values.count < 60 {
                marks += "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"1.5\"/>"
            }
        }
        let text = Markup.escaped(label)
        return Markup(
            trusted: "<svg class=\"spark\" role=\"img\" aria-label=\"\(text)\" width=\"\(width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(width) \(height)\"><title>\(text)</title><path d=\"\(path)\"/>\(marks)</svg>")
    }
}
