import Mustache

/// One self-contained HTML file: no network, its own style, light and dark, for screens from 400 px and for paper.
package struct Page: Sendable {
    /// A part with a heading that the page's navigation leads to.
    package struct Section: Sendable {
        package var id: String
        package var title: String
        package var body: Markup

        /// - Parameter id: unique in its page, letters and hyphens.
        package init(_ id: String, _ title: String, _ body: Markup) {
            self.id = id
            self.title = title
            self.body = body
        }
    }

    package var title: String
    /// What stands above the title, small: the kind of page.
    package var kicker: String
    package var sections: [Section]
    /// Run at the page's end.
    package var script: String
    /// Added to the shared style.
    package var style: String
    /// What the script reads as `document.getElementById('data').textContent`.
    package var data: String

    package init(
        title: String, kicker: String, sections: [Section], style: String = "", script: String = "", data: String = ""
    ) {
        self.title = title
        self.kicker = kicker
        self.sections = sections
        self.style = style
        self.script = script
        self.data = data
    }

    /// The whole file.
    package func text() -> String {
        let text = Self.template.render([
            "title": title, "kicker": kicker, "style": Asset.pageStyle + style, "script": script,
            "hasScript": !script.isEmpty, "hasData": !data.isEmpty,
            // The one sequence that could end the element early.
            "data": data.replacing("<", with: "\\u003c"),
            "sections": sections.map { ["id": $0.id, "title": $0.title, "body": $0.body.html] as [String: Any] },
        ])
        return Markup.printable(text)
    }

    private static let template = MustacheTemplate.fixed(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
        <link rel="icon" href="data:,">
        <title>{{title}}</title>
        <style>{{{style}}}</style>
        </head>
        <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top"><p class="kicker">{{kicker}}</p><h1>{{title}}</h1>
        <nav aria-label="Sections"><ul>{{#sections}}<li><a href="#{{id}}">{{title}}</a></li>{{/sections}}</ul></nav>
        </header>
        <main id="main">
        {{#sections}}
        <section id="{{id}}" aria-labelledby="{{id}}-title"><h2 id="{{id}}-title">{{title}}</h2>
        {{{body}}}
        </section>
        {{/sections}}
        </main>
        {{#hasData}}<script type="application/json" id="data">{{{data}}}</script>{{/hasData}}
        {{#hasScript}}<script>{{{script}}}</script>{{/hasScript}}
        </body>
        </html>

        """)
}

/// The sentence that a page begins with, in the colour of its meaning and with a sign for those who see no colours.
package struct Banner: Sendable {
    package var tone: Tone
    package var word: String
    package var sentence: String
    /// Small print below.
    package var details: [String]

    package init(_ tone: Tone, word: String, sentence: String, details: [String] = []) {
        self.tone = tone
        self.word = word
        self.sentence = sentence
        self.details = details
    }

    package var markup: Markup {
        .rendered(
            Self.template,
            ["tone": tone.rawValue, "sign": tone.sign, "word": word, "sentence": sentence, "details": details])
    }

    private static let template = MustacheTemplate.fixed(
        """
        <div class="banner {{tone}}"><p class="verdict"><span class="sign" aria-hidden="true">{{sign}}</span>\
        <strong>{{word}}</strong> {{sentence}}</p>{{#details}}<p class="detail">{{.}}</p>{{/details}}</div>
        """)
}
