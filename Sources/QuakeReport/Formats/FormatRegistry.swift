/// The formats that commands offer, in the order of their options. A value: the composition root hands it down.
package struct FormatRegistry: Sendable {
    package let formats: [any ReportFormat]

    package static let standard = FormatRegistry([
        HTMLFormat(), JUnitFormat(), MarkdownFormat(), OpenMetricsFormat(), JSONFormat(),
    ])

    /// - Parameter formats: no two of one name.
    package init(_ formats: [any ReportFormat]) {
        let names = formats.map(\.name)
        precondition(Set(names).count == names.count, "two formats of one name: \(names)")
        precondition(names.allSatisfy(Self.isName), "no option can have such a name: \(names)")
        self.formats = formats
    }

    /// The same with one more.
    package func adding(_ format: any ReportFormat) -> FormatRegistry { FormatRegistry(formats + [format]) }

    private static func isName(_ text: String) -> Bool {
        text.first.map { ("a"..."z").contains($0) } == true
            && text.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
    }
}
