package import QuakeAnalysis
package import QuakeAudit

/// One format that reports are written in: one file here, one entry of the ``FormatRegistry``. Commands make an option of
/// each, `--NAME FILE`.
package protocol ReportFormat: Sendable {
    /// The option's name without its dashes: lower-case letters, digits and hyphens, a letter first.
    var name: String { get }
    /// What it makes of a run.
    var ofRun: FormatUse<RunReport> { get }
    /// What it makes of a comparison of runs; by default nothing.
    var ofComparison: FormatUse<RunComparison> { get }
    /// What it makes of an audit of clusters; by default nothing.
    var ofAudit: FormatUse<AuditReport> { get }
}

extension ReportFormat {
    package var ofComparison: FormatUse<RunComparison> { .refused("it is made of a run, not of a comparison of runs") }
    package var ofAudit: FormatUse<AuditReport> { .refused("it is made of a run, not of an audit of clusters") }
}

/// What a format makes of a subject.
package enum FormatUse<Subject>: Sendable {
    /// A file.
    ///
    /// - `help`: of the option, a sentence.
    /// - `text`: the whole file.
    case written(help: String, text: @Sendable (Subject) throws -> String)
    /// Nothing that would mean something: why, in words that can follow a colon.
    case refused(String)
}

/// What a command reports on. Its commands offer the formats that have a meaning for it.
package protocol ReportSubject: Sendable {
    static func use(of format: any ReportFormat) -> FormatUse<Self>
}

extension RunReport: ReportSubject {
    /// What a format makes of this.
    package static func use(of format: any ReportFormat) -> FormatUse<RunReport> { format.ofRun }
}

extension RunComparison: ReportSubject {
    /// What a format makes of this.
    package static func use(of format: any ReportFormat) -> FormatUse<RunComparison> { format.ofComparison }
}

extension AuditReport: ReportSubject {
    /// What a format makes of this.
    package static func use(of format: any ReportFormat) -> FormatUse<AuditReport> { format.ofAudit }
}
