import Mustache

/// A table with a caption, that scrolls by itself where the screen is narrow.
package struct HTMLTable: Sendable {
    /// A column's heading, and how its cells are set.
    package struct Column: Sendable {
        package var title: String
        /// Set to the right in figures of equal width.
        package var isNumber: Bool

        package init(_ title: String, isNumber: Bool = false) {
            self.title = title
            self.isNumber = isNumber
        }
    }

    /// One cell; `tone` colours it and never says anything that its text does not.
    package struct Cell: Sendable {
        package var content: Markup
        package var tone: Tone?

        package init(_ content: Markup, tone: Tone? = nil) {
            self.content = content
            self.tone = tone
        }

        /// A cell of plain text, which is escaped.
        package static func text(_ text: String, tone: Tone? = nil) -> Cell { Cell(.text(text), tone: tone) }
        /// A cell that links to `target`.
        package static func link(_ text: String, to target: String) -> Cell { Cell(.link(text, to: target)) }
    }

    package var caption: String
    package var columns: [Column]
    /// As many cells as columns each; the first one heads its row.
    package var rows: [[Cell]]
    /// Lines across the table, each before the row with its index.
    package var headings: [Int: Markup] = [:]

    package init(_ caption: String, _ columns: [Column], rows: [[Cell]] = []) {
        self.caption = caption
        self.columns = columns
        self.rows = rows
    }

    /// Begins a group of rows.
    package mutating func add(heading: Markup) { headings[rows.count] = heading }

    /// Adds a row at the end.
    package mutating func add(_ row: [Cell]) { rows.append(row) }

    package var isEmpty: Bool { rows.isEmpty }

    package var markup: Markup {
        let body = rows.enumerated().map { position, row in
            let cells = row.enumerated().map { index, cell -> String in
                var classes = columns.indices.contains(index) && columns[index].isNumber ? ["num"] : []
                if let tone = cell.tone { classes.append(tone.rawValue) }
                let attribute = classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\""
                return index == 0
                    ? "<th scope=\"row\"\(attribute)>\(cell.content.html)</th>"
                    : "<td\(attribute)>\(cell.content.html)</td>"
            }
            let heading = headings[position].map {
                "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"\(columns.count)\">\($0.html)</th></tr>"
            }
            return "\(heading ?? "")<tr>\(cells.joined())</tr>"
        }
        return .rendered(
            Self.template,
            [
                "caption": caption, "body": body.joined(separator: "\n"),
                "columns": columns.map { ["title": $0.title, "class": $0.isNumber ? "num" : ""] },
            ])
    }

    private static let template = MustacheTemplate.fixed(
        """
        <div class="scroll" tabindex="0" role="region" aria-label="{{caption}}"><table><caption><span>{{caption}}</span></caption>
        <thead><tr>{{#columns}}<th scope="col" class="{{class}}">{{title}}</th>{{/columns}}</tr></thead>
        <tbody>
        {{{body}}}
        </tbody></table></div>
        """)
}

/// Something that opens on demand.
package enum Fold {
    /// A `details` element.
    package static func markup(_ summary: String, _ body: Markup, isOpen: Bool = false) -> Markup {
        Markup(
            trusted:
                "<details\(isOpen ? " open" : "")><summary>\(Markup.escaped(summary))</summary>\(body.html)</details>")
    }

    /// Text as a terminal would show it.
    package static func verbatim(_ text: String) -> Markup {
        Markup(trusted: "<pre tabindex=\"0\">\(Markup.escaped(text))</pre>")
    }
}
