import Foundation
import QuakeArchive
import QuakeKube
import QuakePlan
import QuakePlanFiles
import QuakeTestSupport
import QuakeTimeline
import Testing

/// Archives far from where they were made, through the built command.
@Suite("An archive elsewhere")
struct ArchiveCommandTests {
    private static let old = BuiltCommand.root.appending(path: "Tests/QuakeArchiveTests/Fixtures/45dbac2")

    /// Runs the command in a folder in which nothing of a run lies.
    private func peerquake(_ arguments: [String], in folder: TemporaryDirectory) async throws -> CommandResult {
        let words = ([try BuiltCommand.path()] + arguments).map { "'\($0)'" }.joined(separator: " ")
        return try await Command(["bash", "-c", "cd \(folder.path) && exec \(words)"]).run(timeout: .seconds(60))
    }

    /// A copy of a run's database alone.
    private func copy(_ path: String, to folder: TemporaryDirectory) throws -> String {
        let directory = "\(folder.path)/copy"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: "\(directory)/run.sqlite")
        return directory
    }

    static func plans() throws -> [String] {
        let folder = BuiltCommand.root.appending(path: "Plans").path
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }.sorted()
            .map { "\(folder)/\($0)" }.filter { try String(contentsOfFile: $0, encoding: .utf8).contains("apply:") }
    }

    @Test("is read, of each plan that applies a file", arguments: try plans())
    func readElsewhere(path: String) async throws {
        #expect(try Self.plans().count == 4)
        let folder = try TemporaryDirectory()
        let plan = try Plan.load(path: path)
        #expect(!plan.attachments.files.isEmpty)
        // As it is written where the plan's folder is the working directory.
        let info = RunInfo(id: "r", planName: plan.name, planPath: "Plans/x.yaml", planSource: plan.source)
        let made = try ArchiveWriter(
            directory: "\(folder.path)/made", info: info, attachments: plan.attachments)
        made.append(Event(at: RunInstant(nanoseconds: 1), .runFinished(exitCode: 0)))
        try made.close()
        let directory = try copy("\(folder.path)/made/run.sqlite", to: folder)
        for command in [["report"], ["export", "--what", "events"], ["history"]] {
            let result = try await peerquake(command + [directory], in: folder)
            #expect(![64, 70].contains(result.exitCode), "\(command): \(result.standardError)")
        }
    }

    @Test("of commit 45dbac2 gives the report that it gave then")
    func old() async throws {
        let folder = try TemporaryDirectory()
        let directory = try copy(Self.old.appending(path: "run.sqlite").path, to: folder)
        let result = try await peerquake(["report", directory], in: folder)
        #expect(result.exitCode == 0, "\(result.standardError)")
        let then = try String(contentsOf: Self.old.appending(path: "report.txt"), encoding: .utf8)
        func figures(_ text: String) -> [Substring] { Array(text.split(separator: "\n").prefix { $0 != "Settings" }) }
        #expect(figures(then).count > 15 && figures(result.standardOutput) == figures(then))
        let samples = try await peerquake(["export", directory], in: folder)
        #expect(samples.exitCode == 0 && samples.standardOutput.count(where: { $0 == "\n" }) > 2000)
    }

    @Test("is read where nothing can be written", .enabled(if: NetworkNamespace.isPermitted, "mounts take root"))
    func readOnly() async throws {
        let folder = try TemporaryDirectory()
        let directory = try copy(Self.old.appending(path: "run.sqlite").path, to: folder)
        let report = """
            mount --bind \(directory) \(directory) && mount -o remount,bind,ro \(directory) || exit 99
            exec \(try BuiltCommand.path()) report \(directory)
            """
        let closed = try await Command(["unshare", "-m", "bash", "-c", report]).run(timeout: .seconds(60))
        #expect(closed.exitCode == 0, "\(closed.standardError)")
        #expect(closed.standardOutput.contains("PASS  drain-blocked-by-pdb"))
        // A log that is not empty makes SQLite write beside it.
        try Data(count: 8192).write(to: URL(filePath: "\(directory)/run.sqlite-wal"))
        let logged = try await Command(["unshare", "-m", "bash", "-c", report]).run(timeout: .seconds(60))
        #expect(logged.exitCode == 64, "\(logged.standardError)")
        #expect(logged.standardError.contains("copy both to another directory"))
    }

    @Test("of a newer format, and what is none, ends with 64 and a sentence")
    func formats() async throws {
        let folder = try TemporaryDirectory()
        let directory = try copy(Self.old.appending(path: "run.sqlite").path, to: folder)
        let update = """
            import sqlite3
            database = sqlite3.connect("\(directory)/run.sqlite")
            database.execute("UPDATE meta SET value = 99 WHERE key = 'version'")
            database.commit()
            """
        let changed = try await Command(["python3", "-c", update]).run(timeout: .seconds(90))
        try #require(changed.succeeded, "\(changed.standardError)")
        let newer = try await peerquake(["report", directory], in: folder)
        #expect(
            newer.exitCode == 64 && newer.standardError.contains("the archive has format 99"), "\(newer.standardError)")
        try folder.file("copy/run.sqlite", String(repeating: "no database at all ", count: 100))
        let none = try await peerquake(["report", directory], in: folder)
        #expect(
            none.exitCode == 64 && none.standardError.contains("is not an SQLite database"), "\(none.standardError)")
    }

    @Test("says what is missing where it broke off and its log was left behind")
    func withoutLog() async throws {
        let folder = try TemporaryDirectory()
        let plan = try Plan.load(path: BuiltCommand.root.appending(path: "Plans/quickstart.yaml").path)
        let made = try ArchiveWriter(
            directory: "\(folder.path)/made",
            info: RunInfo(id: "r", planName: plan.name, planPath: plan.path, planSource: plan.source))
        let directory = try copy("\(folder.path)/made/run.sqlite", to: folder)
        let result = try await peerquake(["report", directory], in: folder)
        #expect(result.exitCode == 70, "\(result.standardError)")
        #expect(
            result.standardOutput.contains("! run.sqlite-wal is not next to run.sqlite"), "\(result.standardOutput)")
        try made.close()
    }
}
