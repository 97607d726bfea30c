import Foundation
import GRDB
import QuakeArchive
import QuakePlan
import QuakeTestSupport
import QuakeTimeline
import Testing

@Suite("A run's archive as a file")
struct ArchiveFileTests {
    private let folder: TemporaryDirectory
    private var directory: String { "\(folder.path)/run" }

    init() throws { folder = try TemporaryDirectory() }

    private func writer(_ attachments: Attachments = Attachments()) throws -> ArchiveWriter {
        try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"), attachments: attachments)
    }

    /// A copy of the database alone.
    private func alone() throws -> String {
        let copy = "\(folder.path)/copy"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: "\(directory)/run.sqlite", toPath: "\(copy)/run.sqlite")
        return copy
    }

    private func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasPrefix("run.sqlite") }.sorted()
    }

    private func note(_ archive: ArchiveWriter) {
        archive.append(Event(at: RunInstant(nanoseconds: 1), .note("n")))
        archive.flush()
    }

    @Test("is one once it is closed, and reading it makes no other")
    func oneFile() throws {
        let archive = try writer()
        note(archive)
        #expect(try files(directory).contains("run.sqlite-wal"))
        try archive.close()
        #expect(try files(directory) == ["run.sqlite"])
        for place in [directory, try alone()] {
            let reader = try ArchiveReader(directory: place)
            #expect(reader.state == .closed && reader.missing == nil && reader.events.count == 1)
            #expect(try files(place) == ["run.sqlite"])
        }
    }

    @Test("is one even if it is being read when it is closed")
    func readerBeside() async throws {
        let archive = try writer()
        note(archive)
        let reading = Task { [directory] in
            let reader = try ArchiveReader(directory: directory)
            for _ in 0..<20 {
                try reader.forEachSample(of: LaneID(rawValue: 1)) { _ in }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        try archive.close()
        try await reading.value
        let reader = try ArchiveReader(directory: try alone())
        #expect(reader.state == .closed && reader.events.count == 1)
    }

    @Test("says what is missing where it was never closed and its log was not copied with it")
    func withoutLog() throws {
        let archive = try writer()
        note(archive)
        let reader = try ArchiveReader(directory: try alone())
        #expect(reader.state == .brokenOff && reader.info.id == "r" && reader.events.isEmpty)
        #expect(reader.missing?.hasPrefix("run.sqlite-wal is not next to run.sqlite") == true)
        // With it, all is there.
        let copy = try alone()
        try FileManager.default.copyItem(atPath: "\(directory)/run.sqlite-wal", toPath: "\(copy)/run.sqlite-wal")
        let whole = try ArchiveReader(directory: copy)
        #expect(whole.state == .brokenOff && whole.missing == nil && whole.events.count == 1)
        try archive.close()
    }

    @Test("misses nothing where it was given up in order")
    func givenUp() throws {
        var archive: ArchiveWriter? = try writer()
        if let archive { note(archive) }
        archive = nil
        let reader = try ArchiveReader(directory: try alone())
        #expect(reader.state == .brokenOff && reader.missing == nil && reader.events.count == 1)
    }

    @Test("keeps what the plan names, Secrets' values hidden from the first moment")
    func attachments() throws {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: hunter2}\n"
        let archive = try writer(Attachments(["a.yaml": .text("a: b"), "s.yaml": .text(secret)]))
        let reader = try ArchiveReader(directory: directory)
        #expect(reader.attachments["a.yaml"] == "a: b" && reader.attachments.isComplete)
        #expect(reader.attachments["s.yaml"]?.contains("(masked)") == true)
        try archive.close()
        for file in try files(directory) {
            let bytes = try #require(FileManager.default.contents(atPath: "\(directory)/\(file)"))
            #expect(bytes.range(of: Data("hunter2".utf8)) == nil, "\(file)")
        }
    }

    @Test("keeps options as values")
    func options() throws {
        let options = PlanOptions(set: [(name: "hold", values: ["1s", "2s"])], repeats: 2)
        var info = RunInfo(id: "r", planName: "p", options: options, seed: 7)
        info.soak = SoakLength(milliseconds: 90_000, untilFailure: true)
        try ArchiveWriter(directory: directory, info: info).close()
        let kept = try ArchiveReader(directory: directory).info
        #expect(kept == info)
        #expect(try kept.planOptions() == PlanOptions(set: options.set, repeats: 2, seed: 7))
        #expect(kept.settings.map { "\($0.name) \($0.values)" } == ["hold 1s,2s"])
    }

    @Test(
        "of a newer format, or of none, says so",
        arguments: [("3", "format 3, and this peerquake reads formats up to 2"), ("x", "it holds no run")])
    func formats(version: String, words: String) throws {
        try writer().close()
        let database = try DatabaseQueue(path: "\(directory)/run.sqlite")
        try database.write {
            try $0.execute(sql: "UPDATE meta SET value = ? WHERE key = 'version'", arguments: [version])
        }
        try database.close()
        let error = #expect(throws: ArchiveError.self) { try ArchiveReader(directory: directory) }
        #expect(error?.code == .format && error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test(
        "that is not an archive says so",
        arguments: ["", "no database at all, but a text that is long enough for its header to be looked at by SQLite"])
    func noArchive(text: String) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: "\(directory)/run.sqlite"))
        let error = #expect(throws: ArchiveError.self) { try ArchiveReader(directory: directory) }
        #expect(error?.code == .format, "\(String(describing: error))")
    }

    @Test("of commit 45dbac2 is read as it was written")
    func old() throws {
        let fixture = try #require(
            Bundle.module.url(forResource: "45dbac2", withExtension: nil, subdirectory: "Fixtures"))
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: fixture.appending(path: "run.sqlite").path, toPath: "\(directory)/run.sqlite")
        let reader = try ArchiveReader(directory: directory)
        #expect(reader.state == .closed && reader.missing == nil && reader.attachments == .unknown)
        #expect(reader.info.planName == "drain-blocked-by-pdb" && reader.info.options == nil)
        let options = try reader.info.planOptions()
        #expect(
            options.set.map(\.name) == ["baseline", "hold", "settle", "drainTimeout", "peering"] && options.seed == 1)
        var samples = 0
        for lane in reader.lanes { try reader.forEachSample(of: lane.id) { _ in samples += 1 } }
        #expect(reader.lanes.count == 4 && reader.events.count == 101 && samples > 2000, "\(samples)")
        #expect(try files(directory) == ["run.sqlite"])
    }
}
