import Mustache

/// HTML that may stand in a page as it is. Text from a run, a plan or a cluster becomes one only through ``text(_:)``,
/// which escapes it.
package struct Markup: Sendable, Equatable {
    package let html: String

    /// - Parameter trusted: HTML made here, never anything that was read.
    package init(trusted: String) { html = trusted }

    /// Any text, shown as it is.
    package static func text(_ text: String) -> Markup { Markup(trusted: escaped(text)) }

    /// A link; both texts are escaped.
    package static func link(_ text: String, to target: String) -> Markup {
        Markup(trusted: "<a href=\"\(escaped(target))\">\(escaped(text))</a>")
    }

    /// One after the other, with nothing between.
    package static func + (a: Markup, b: Markup) -> Markup { Markup(trusted: a.html + b.html) }

    /// A template's result with these values: `{{name}}` is escaped, `{{{name}}}` is for ``html``.
    static func rendered(_ template: MustacheTemplate, _ values: [String: Any]) -> Markup {
        Markup(trusted: template.render(values))
    }

    /// Escaped for an element's text and for a quoted attribute.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'"): bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Control characters, which no HTML may hold, become question marks.
    static func printable(_ text: String) -> String {
        let bytes = text.utf8.map { byte in
            byte == 0x7F || (byte < 0x20 && byte != 0x09 && byte != 0x0A) ? UInt8(ascii: "?") : byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MustacheTemplate {
    /// A template that stands in this module's source; the tests render each.
    static func fixed(_ text: String) -> MustacheTemplate {
        do { return try MustacheTemplate(string: text) } catch { preconditionFailure("template: \(error)") }
    }
}
