import Foundation
import GRDB
import QuakeArchive
import QuakePlan
import QuakeTestSupport
import QuakeTimeline
import Testing

@Suite("A run's archive")
struct ArchiveTests {
    private func folder() -> String { NSTemporaryDirectory() + "quake-archive-" + UUID().uuidString }

    private let lane = Lane(
        id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort, mode: .new,
        url: "http://echo/", period: .milliseconds(10), origin: RunInstant(nanoseconds: 5_000_000))

    private func sample(_ sequence: UInt64) -> Sample {
        let due = lane.due(sequence)
        let sent = due + .microseconds(Int(sequence % 90))
        return Sample(
            lane: lane.id, sequence: sequence, due: due, sent: sent, connected: sent + .microseconds(150),
            firstByte: sent + .microseconds(900 + Int(sequence % 300)),
            done: sent + .microseconds(1000 + Int(sequence % 700)), outcome: sequence % 500 == 3 ? .refused : .ok,
            httpStatus: 200, localPort: UInt16(40_000 + sequence % 20_000), connection: UInt32(sequence + 1),
            server: UInt32(sequence % 2 + 1))
    }

    @Test("gives back every sample, in order, though slots ended out of order, at no more than 16 bytes each")
    func samples() throws {
        let directory = folder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        archive.add(lane)
        _ = archive.server(ServingIdentity(cluster: "west", node: "n", pod: "a"))
        let all = (0..<20_000 as Range<UInt64>).map(sample)
        for start in stride(from: 0, to: all.count, by: 100) {
            archive.append(Array(all[start..<start + 100].reversed()))
        }
        try archive.close()
        let reader = try ArchiveReader(directory: directory)
        #expect(reader.isClosed)
        var seen: [Sample] = []
        try reader.forEachSample(of: lane.id) { seen.append($0) }
        #expect(seen == all)
        var starts: [SampleStart] = []
        try reader.forEachStart(of: lane.id) { starts.append($0) }
        let expected = all.map { SampleStart(due: $0.due, sent: $0.sent, outcome: $0.outcome) }
        #expect(starts.sorted { $0.due < $1.due } == expected)
        let size = try FileManager.default.attributesOfItem(atPath: "\(directory)/run.sqlite")[.size] as? Int
        #expect(try #require(size) <= 16 * all.count + 65_536)
    }

    @Test("gives back slots in order that ended a time-out late, and continues after one that is missing")
    func lateAndMissing() throws {
        let directory = folder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        archive.add(lane)
        let all = (0..<5000 as Range<UInt64>).filter { $0 != 700 }.map(sample)
        // Every tenth slot ends 200 slots later, as by a time-out of 2 s.
        let order = all.sorted { a, b in
            (a.sequence + (a.sequence % 10 == 0 ? 200 : 0), a.sequence)
                < (b.sequence + (b.sequence % 10 == 0 ? 200 : 0), b.sequence)
        }
        for start in stride(from: 0, to: order.count, by: 70) {
            archive.append(Array(order[start..<min(start + 70, order.count)]))
            archive.flush()
        }
        try archive.close()
        var seen: [Sample] = []
        try ArchiveReader(directory: directory).forEachSample(of: lane.id) { seen.append($0) }
        #expect(seen == all)
    }

    @Test("reports what it cannot read completely as cut short or damaged", arguments: [0, 1, 40, 300])
    func damaged(length: Int) throws {
        let folder = try TemporaryDirectory()
        let directory = "\(folder.path)/run"
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        archive.add(lane)
        archive.append((0..<100 as Range<UInt64>).map(sample))
        try archive.close()
        let database = try DatabaseQueue(path: "\(directory)/run.sqlite")
        try database.write { database in
            try database.execute(sql: "UPDATE samples SET bytes = substr(bytes, 1, ?)", arguments: [length])
        }
        try database.close()
        let reader = try ArchiveReader(directory: directory)
        #expect(throws: ArchiveError.self) { try reader.forEachSample(of: lane.id) { _ in } }
        #expect(throws: ArchiveError.self) { try reader.forEachStart(of: lane.id) { _ in } }
    }

    @Test("gives back dials and events")
    func dials() throws {
        let directory = folder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        var dials: [Dial<RunInstant>] = []
        for index in 0..<5000 {
            // Some blocks hold a failure, some none.
            let isLost = index < 2500 && index % 7 == 0
            let address = "127.0.0.\(index % 3):30000"
            var dial = Dial(
                dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort,
                began: RunInstant(nanoseconds: Int64(index) * 1_000_000), millis: 1.5, outcome: .ok)
            dial.targetNode = "n\(index % 3)"
            dial.targetAddress = address
            dial.gatewayPod = "g"
            dial.gatewayNode = "n"
            dial.phase = .connect
            dial.clientAddress = "127.0.0.1"
            dial.clientPort = UInt16(40_000 + index)
            if isLost {
                dial.outcome = .timeout
                dial.clientGoneMillis = 2000
            }
            dials.append(dial)
        }
        for start in stride(from: 0, to: dials.count, by: 500) {
            archive.append(Array(dials[start..<(start + 500)]))
            archive.flush()
        }
        archive.append(Event(at: RunInstant(nanoseconds: 7), trial: 2, .aborted(reason: "x")))
        try archive.close()
        let reader = try ArchiveReader(directory: directory)
        var seen: [Dial<RunInstant>] = []
        try reader.forEachDial { seen.append($0) }
        #expect(seen == dials)
        var starts: [RunInstant] = []
        var failed: [Dial<RunInstant>] = []
        try reader.forEachDialStart { began, dial in
            starts.append(began)
            if let dial { failed.append(dial) }
        }
        #expect(starts == dials.map(\.began))
        #expect(failed == dials.filter { $0.outcome != .ok })
        #expect(reader.events == [Event(at: RunInstant(nanoseconds: 7), trial: 2, .aborted(reason: "x"))])
    }

    @Test("is read while it is written, says so, and says how it ended")
    func states() throws {
        let folder = try TemporaryDirectory()
        let directory = "\(folder.path)/run"
        var archive: ArchiveWriter? = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        archive?.add(lane)
        archive?.append((0..<50 as Range<UInt64>).map(sample))
        archive?.flush()
        let live = try ArchiveReader(directory: directory)
        #expect(live.state == .running)
        var seen = 0
        try live.forEachSample(of: lane.id) { _ in seen += 1 }
        #expect(seen == 50)
        // As a crash leaves it: the process is gone, and nothing was closed.
        archive = nil
        #expect(try ArchiveReader(directory: directory).state == .brokenOff)
    }

    @Test("gives one trial's lanes and later events alone, where nothing else is asked for")
    func part() throws {
        let folder = try TemporaryDirectory()
        let directory = "\(folder.path)/run"
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        var second = lane
        second.id = LaneID(rawValue: 2)
        second.trial = 1
        archive.add(lane)
        archive.add(second)
        for at in 0..<10 {
            archive.append(Event(at: RunInstant(nanoseconds: Int64(at)), trial: at / 5, .note("\(at)")))
        }
        archive.flush()
        let reader = try ArchiveReader(directory: directory, only: (1, RunInstant(nanoseconds: 5)))
        #expect(reader.lanes.map(\.id) == [second.id])
        #expect(reader.events.map(\.at.nanoseconds) == Array(5..<10))
        try archive.close()
    }

    @Test("keeps room on the disk for the end of the run, and gives it back")
    func reserve() throws {
        let folder = try TemporaryDirectory()
        let directory = "\(folder.path)/run"
        let archive = try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        #expect(FileManager.default.fileExists(atPath: "\(directory)/reserve"))
        try archive.close()
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/reserve"))
    }

    @Test("refuses a directory that holds a run, and one that holds none")
    func refusals() throws {
        let directory = folder()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(throws: ArchiveError.self) { try ArchiveReader(directory: directory) }
        try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p")).close()
        #expect(throws: ArchiveError.self) {
            try ArchiveWriter(directory: directory, info: RunInfo(id: "r", planName: "p"))
        }
    }
}

@Suite("A run's journal")
struct JournalTests {
    private let header = JournalHeader(
        run: "r", plan: "p", environment: "embedded", kubeconfig: "kc", contexts: ["east": "east"], uids: ["east": "u"])

    @Test("numbers mutations that begin at the same moment apart, and continues where a journal ended")
    func journalNumbers() async throws {
        let folder = try TemporaryDirectory()
        let header = JournalHeader(
            run: "r", plan: "p", environment: "kind", kubeconfig: "kc", contexts: [:], uids: [:])
        let journal = try Journal(creatingIn: folder.path, header: header)
        let numbers = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 { group.addTask { journal.reserveID() } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(numbers == Set(1...200))
        try journal.append(
            JournalEntry(id: 200, cluster: "east", clusterUID: "u", action: "cordon", about: "n", inverse: "{}"))
        let reopened = try Journal(openingIn: folder.path)
        #expect(reopened.reserveID() == 201)
    }

    @Test("stays short however long a run takes, and forgets nothing that is still to be undone")
    func short() throws {
        let folder = try TemporaryDirectory()
        let journal = try Journal(creatingIn: folder.path, header: header)
        func entry(_ id: Int, _ status: JournalEntry.Status) -> JournalEntry {
            JournalEntry(
                id: id, cluster: "east", clusterUID: "u", action: "cordon", about: "node \(id)",
                inverse: String(repeating: "x", count: 300), status: status)
        }
        let kept = journal.reserveID()
        try journal.append(entry(kept, .applied))
        for _ in 0..<2000 {
            let id = journal.reserveID()
            for status in [JournalEntry.Status.intended, .applied, .reverting, .reverted] {
                try journal.append(entry(id, status))
            }
        }
        let path = "\(folder.path)/journal.ndjson"
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(try #require(size) <= 2 * 262_144)
        #expect(journal.entries.count < 200)
        #expect(!FileManager.default.fileExists(atPath: path + ".next"))
        let again = try Journal(openingIn: folder.path)
        #expect(again.entries.first == entry(kept, .applied))
        #expect(again.reserveID() == 2002)
    }

    @Test("is read again with the latest state of each entry, and survives a torn line")
    func reopened() throws {
        let directory = NSTemporaryDirectory() + "quake-journal-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let journal = try Journal(creatingIn: directory, header: header)
        var first = JournalEntry(
            id: journal.reserveID(), cluster: "east", clusterUID: "u", action: "cordon", about: "n", inverse: "{}")
        try journal.append(first)
        first.status = .applied
        try journal.append(first)
        try journal.append(
            JournalEntry(
                id: journal.reserveID(), cluster: "east", clusterUID: "u", action: "drain", about: "n", inverse: "{}"))
        let path = "\(directory)/journal.ndjson"
        // Preallocated: a full disk cannot stop the next line.
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == 262_144)
        var bytes = try Data(contentsOf: URL(filePath: path))
        let end = try #require(bytes.firstIndex(of: 0))
        bytes.replaceSubrange(end..<end + 9, with: Data("{\"id\":3,\"".utf8))
        try bytes.write(to: URL(filePath: path))
        let again = try Journal(openingIn: directory)
        #expect(again.header == header)
        #expect(again.entries.map(\.status) == [.applied, .intended])
        #expect(again.reserveID() == 3)
    }
}
