/// A request target of HTTP (RFC 9112, 3.2.1), taken apart: `/a/b?c=d&e`.
package struct RequestTarget: Sendable {
    /// As sent, without the query.
    package var path: String
    /// Names and values in their order, decoded: `%41` is `A`, and `+` in a value a space. A name alone has an empty value.
    package var query: [(name: String, value: String)]

    package init(_ target: String) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(halves[0])
        query = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? String(sides[1]).replacing("+", with: " ") : ""
            return (sides[0].percentDecoded, value.percentDecoded)
        }
    }

    /// The segments of the path, decoded; empty ones are left out.
    package var segments: [String] { path.split(separator: "/").map(\.percentDecoded) }

    /// All values of a name, in their order.
    package func values(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }
}
