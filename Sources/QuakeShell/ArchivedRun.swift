package import QuakeAnalysis
package import QuakeArchive
package import QuakePlan
import QuakeTimeline

/// A run as its archive keeps it.
package enum ArchivedRun {
    /// What it showed, computed again.
    ///
    /// - Parameters:
    ///   - actions: what the steps of its plan may name.
    ///   - expectations: the kinds of expectations that its plan may have.
    package static func findings(
        _ directory: String, actions: ActionRegistry = .standard, expectations: ExpectationRegistry = .standard
    ) throws -> Findings {
        let archive = try archive(directory)
        return try Analyser(archive, plan: plan(of: archive, actions, expectations)).findings()
    }

    /// Its archive.
    ///
    /// - Throws: ``Failure``, of usage for what is no archive that can be read.
    package static func archive(_ directory: String) throws -> ArchiveReader {
        do throws(ArchiveError) {
            return try ArchiveReader(directory: directory)
        } catch {
            throw Failure(error.code == .format ? .usage : .internalError, "\(error)")
        }
    }

    /// The plan as the archive keeps it, with what the command line changed of it. Nothing but the archive is read.
    private static func plan(
        of archive: ArchiveReader, _ actions: ActionRegistry, _ expectations: ExpectationRegistry
    ) throws -> Plan {
        let info = archive.info
        do throws(PlanError) {
            return try Plan.archived(
                info.planSource, path: info.planPath, options: info.planOptions(), attachments: archive.attachments,
                facts: info.cellFacts, actions: actions, expectations: expectations)
        } catch {
            throw Failure(.usage, "\(archive.directory): the archive holds no plan that can be read: \(error)")
        }
    }
}
