/// Why no configuration can be made of some parameters: all reasons at once.
package struct ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not empty; each names the option that it is about.
    package var problems: [String]

    package init(_ problems: [String]) { self.problems = problems }

    /// A line a reason.
    package var description: String { problems.joined(separator: "\n") }
}
