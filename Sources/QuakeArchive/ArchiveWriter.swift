import FoundationEssentials
import GRDB
import Glibc
package import QuakePlan
package import QuakeTimeline
import Synchronization

/// Writes a run's archive: one directory with `run.sqlite` and `evidence/`.
///
/// What is added is on disk within a second; whoever adds never waits for the disk.
package final class ArchiveWriter: Sendable {
    /// Bumped whenever an older reader would misread. 2: attachments are kept, and options as values.
    static let version = 2
    private static let blockLimit = 2000

    private struct Pending {
        var samples: [LaneID: [Sample]] = [:]
        var dials: [Dial<RunInstant>] = []
        var events: [Event] = []
        var lanes: [Lane] = []
        var facts: [String: String] = [:]
        var servers: [ServingIdentity] = []
        var texts: [String] = []

        var isEmpty: Bool {
            samples.isEmpty && dials.isEmpty && events.isEmpty && lanes.isEmpty && facts.isEmpty && servers.isEmpty
                && texts.isEmpty
        }
    }

    /// Samples and dials that wait for the disk at most; what comes beyond is lost, and told as a gap.
    private static let pendingLimit = 500_000

    private struct Tables {
        var servers: [ServingIdentity: UInt32] = [:]
        var texts: [String: UInt32] = ["": 0]
        var pending = Pending()
        var problem: ArchiveError?
        /// What was reserved on the disk is used up: the problem stays though there is room again.
        var isSpent = false
        var waiting = 0
        /// Due or began: of the first and the last that were lost.
        var lost: (from: RunInstant, to: RunInstant)?
    }

    package let directory: String
    private let database: DatabaseQueue
    private let tables = Mutex(Tables())
    private let flusher: Mutex<Task<Void, Never>?> = Mutex(nil)
    private let reserve: DiskReserve
    private let claim: DirectoryClaim

    /// Makes the directory.
    ///
    /// - Parameter attachments: files that the plan names; values of Secrets in them are not kept.
    /// - Throws: `.directory` if it holds a run already or cannot be made, `.database` if SQLite cannot write there.
    package init(
        directory: String, info: RunInfo, attachments: Attachments = Attachments()
    ) throws(ArchiveError) {
        self.directory = directory
        let files = FileManager.default
        let path = "\(directory)/run.sqlite"
        if files.fileExists(atPath: path) { throw ArchiveError(.directory, "\(directory) holds a run already") }
        do {
            try files.createDirectory(atPath: "\(directory)/evidence", withIntermediateDirectories: true)
            claim = try DirectoryClaim(directory)
            reserve = try DiskReserve(directory)
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            }
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.write { database in
                try database.execute(sql: ArchiveWriter.schema)
                let json = String(decoding: try JSONEncoder().encode(info), as: UTF8.self)
                try database.execute(
                    sql: "INSERT INTO meta VALUES ('version', ?), ('info', ?)",
                    arguments: [String(ArchiveWriter.version), json])
                for (name, content) in attachments.masked.files {
                    guard case .text(let text) = content else { continue }
                    try database.execute(sql: "INSERT INTO attachment VALUES (?, ?)", arguments: [name, text])
                }
            }
            // What reads a copy without the log beside it knows at least which run it was.
            try database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        } catch let error as ArchiveError {
            throw error
        } catch {
            throw ArchiveError(.database, "cannot make the archive in \(directory)", cause: "\(error)")
        }
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(800))
                self?.flush()
            }
        }
        flusher.withLock { $0 = task }
    }

    deinit {
        flusher.withLock { $0?.cancel() }
        // Who gave it up without closing it leaves one file all the same.
        try? database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    }

    private static let schema = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE attachment (name TEXT PRIMARY KEY, text TEXT NOT NULL);
        CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE lane (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
        CREATE TABLE samples (id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE dials (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes BLOB NOT NULL);
        CREATE TABLE event (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, json TEXT NOT NULL);
        CREATE TABLE server (id INTEGER PRIMARY KEY, cluster TEXT NOT NULL, node TEXT NOT NULL, pod TEXT NOT NULL);
        CREATE TABLE text (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
        CREATE INDEX samples_lane ON samples (lane, id);
        CREATE INDEX event_at ON event (at);
        """

    // MARK: - Adding

    /// Keeps a lane for the next write, and does not block; its samples may follow at once.
    package func add(_ lane: Lane) { tables.withLock { $0.pending.lanes.append(lane) } }

    /// Keeps samples for the next write, and does not block. Those of a lane need not be in order. Above a limit, while
    /// nothing can be written, they are dropped and the gap is recorded.
    package func append(_ samples: [Sample]) {
        tables.withLock { tables in
            for sample in samples where Self.admits(&tables, sample.due) {
                tables.pending.samples[sample.lane, default: []].append(sample)
            }
        }
    }

    /// Keeps dials for the next write, under the limit of samples.
    package func append(_ dials: [Dial<RunInstant>]) {
        tables.withLock { tables in
            for dial in dials where Self.admits(&tables, dial.began) { tables.pending.dials.append(dial) }
        }
    }

    /// Whether one more may wait; memory stays bounded though nothing can be written.
    private static func admits(_ tables: inout Tables, _ moment: RunInstant) -> Bool {
        guard tables.waiting >= pendingLimit else {
            tables.waiting += 1
            return true
        }
        tables.lost = (min(tables.lost?.from ?? moment, moment), max(tables.lost?.to ?? moment, moment))
        return false
    }

    /// Keeps an event for the next write; none is ever dropped.
    package func append(_ event: Event) { tables.withLock { $0.pending.events.append(event) } }

    /// A fact for reports; a later one of the same key replaces it.
    package func setFact(_ key: String, _ value: String) { tables.withLock { $0.pending.facts[key] = value } }

    /// The index of who answered, from 1.
    package func server(_ identity: ServingIdentity) -> UInt32 {
        tables.withLock { tables in
            if let known = tables.servers[identity] { return known }
            let index = UInt32(tables.servers.count + 1)
            tables.servers[identity] = index
            tables.pending.servers.append(identity)
            return index
        }
    }

    /// The index of a text, from 1; the empty one is 0.
    package func text(_ text: String) -> UInt32 { tables.withLock { Self.intern(text, &$0) } }

    private static func intern(_ text: String, _ tables: inout Tables) -> UInt32 {
        if let known = tables.texts[text] { return known }
        let index = UInt32(tables.texts.count)
        tables.texts[text] = index
        tables.pending.texts.append(text)
        return index
    }

    /// Keeps a command's output or the like.
    ///
    /// - Returns: its path within the archive.
    package func addEvidence(name: String, content: String) throws(ArchiveError) -> String {
        let path = "evidence/\(name)"
        do {
            try Data(content.utf8).write(to: URL(filePath: "\(directory)/\(path)"))
        } catch {
            throw ArchiveError(.directory, "cannot keep \(path)", cause: "\(error)")
        }
        return path
    }

    // MARK: - Writing

    /// What last went wrong; the run must not go on unrecorded. A full disk stays a problem though there is room again.
    package var problem: ArchiveError? { tables.withLock { $0.problem } }

    /// Writes what has been added so far. What could not be written is kept for the next time; a full disk gives up what
    /// was reserved on it, so that the end of the run is recorded.
    package func flush() {
        guard !attempt(), reserve.release() else { return }
        tables.withLock { $0.isSpent = true }
        _ = attempt()
    }

    private func attempt() -> Bool {
        let (pending, firstServer, firstText) = take()
        guard !pending.isEmpty else { return true }
        do {
            try write(pending, firstServer, firstText)
            tables.withLock { if !$0.isSpent { $0.problem = nil } }
            return true
        } catch {
            tables.withLock { tables in
                tables.problem = ArchiveError(.database, "cannot write to \(directory)/run.sqlite", cause: "\(error)")
                Self.putBack(pending, &tables)
            }
            return false
        }
    }

    private func take() -> (pending: Pending, firstServer: Int, firstText: Int) {
        tables.withLock { tables in
            if let lost = tables.lost {
                let reason = "the disk was full: samples and dials were dropped"
                tables.pending.events.append(Event(at: lost.to, .gap(from: lost.from, to: lost.to, reason: reason)))
                tables.lost = nil
            }
            var taken = tables.pending
            tables.pending = Pending()
            tables.waiting = 0
            // Dials name things: their names are interned first, so that they are written before them.
            for dial in taken.dials {
                for name in [
                    dial.cluster, dial.peer, dial.targetNode, dial.targetAddress, dial.gatewayPod, dial.gatewayNode,
                    dial.clientAddress,
                ] { _ = Self.intern(name, &tables) }
            }
            taken.texts += tables.pending.texts
            tables.pending.texts = []
            return (taken, tables.servers.count - taken.servers.count + 1, tables.texts.count - taken.texts.count)
        }
    }

    private static func putBack(_ pending: Pending, _ tables: inout Tables) {
        let newer = tables.pending
        tables.pending = pending
        for (lane, samples) in newer.samples { tables.pending.samples[lane, default: []] += samples }
        tables.pending.dials += newer.dials
        tables.pending.events += newer.events
        tables.pending.lanes += newer.lanes
        tables.pending.facts.merge(newer.facts) { $1 }
        tables.pending.servers += newer.servers
        tables.pending.texts += newer.texts
        tables.waiting = tables.pending.samples.values.reduce(tables.pending.dials.count) { $0 + $1.count }
    }

    private func write(_ pending: Pending, _ firstServer: Int, _ firstText: Int) throws {
        let encoder = JSONEncoder()
        try database.write { database in
            for (offset, identity) in pending.servers.enumerated() {
                try database.execute(
                    sql: "INSERT INTO server VALUES (?, ?, ?, ?)",
                    arguments: [firstServer + offset, identity.cluster, identity.node, identity.pod])
            }
            for (offset, text) in pending.texts.enumerated() {
                try database.execute(sql: "INSERT INTO text VALUES (?, ?)", arguments: [firstText + offset, text])
            }
            for (key, value) in pending.facts {
                try database.execute(sql: "INSERT OR REPLACE INTO fact VALUES (?, ?)", arguments: [key, value])
            }
            for lane in pending.lanes {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO lane VALUES (?, ?)",
                    arguments: [lane.id.rawValue, String(decoding: try encoder.encode(lane), as: UTF8.self)])
            }
            for event in pending.events {
                try database.execute(
                    sql: "INSERT INTO event (at, json) VALUES (?, ?)",
                    arguments: [event.at.nanoseconds, String(decoding: try encoder.encode(event), as: UTF8.self)])
            }
            for (lane, samples) in pending.samples.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                for start in stride(from: 0, to: samples.count, by: Self.blockLimit) {
                    let block = Array(samples[start..<min(start + Self.blockLimit, samples.count)])
                    try database.execute(
                        sql: "INSERT INTO samples (lane, count, bytes) VALUES (?, ?, ?)",
                        arguments: [lane.rawValue, block.count, Data(SampleBlock.encode(block))])
                }
            }
            if !pending.dials.isEmpty {
                let bytes = DialBlock.encode(pending.dials, text: self.text)
                try database.execute(
                    sql: "INSERT INTO dials (count, bytes) VALUES (?, ?)",
                    arguments: [pending.dials.count, Data(bytes)])
            }
        }
    }

    /// Writes the rest, marks the run as closed in order and leaves all of it in `run.sqlite` alone. The database is
    /// closed whatever happens.
    ///
    /// - Throws: `.database` if something could not be written, now or before.
    package func close() throws(ArchiveError) {
        flusher.withLock { $0?.cancel() }
        flush()
        let before = problem
        do {
            reserve.release()
            if tables.withLock({ $0.pending.isEmpty }) {
                try database.write { database in
                    try database.execute(sql: "INSERT OR REPLACE INTO meta VALUES ('closed', '1')")
                }
            }
            try leaveLog()
            try database.close()
        } catch {
            try? database.close()
            throw before ?? ArchiveError(.database, "cannot close \(directory)/run.sqlite", cause: "\(error)")
        }
        if let before { throw before }
    }

    /// Who reads the run at this moment holds its log for a while.
    private static let readersPatience = (times: 100, microseconds: UInt32(50_000))

    /// Brings the log's content into the database, and makes that one file again, which can be read where nothing can be
    /// written. A reader that stays too long leaves the log in its place: the run is whole with it.
    private func leaveLog() throws {
        for _ in 0..<Self.readersPatience.times {
            do {
                return try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                usleep(Self.readersPatience.microseconds)
            }
        }
        try database.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    }
}
