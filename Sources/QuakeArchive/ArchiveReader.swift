import FoundationEssentials
import GRDB
package import QuakePlan
package import QuakeTimeline

/// Reads a run's archive, also while the run goes on.
package struct ArchiveReader: Timeline {
    package let directory: String
    package var info: RunInfo { content.info }
    package var lanes: [Lane] { content.lanes }
    package var events: [Event] { content.events }
    package var servers: [ServingIdentity] { content.servers }
    package var texts: [String] { content.texts }
    package let state: RunState
    package let missing: String?
    /// The files that the plan names, Secrets' values hidden; nothing is known of them in an archive of before they were
    /// kept.
    package var attachments: Attachments { content.attachments }
    private let content: Content
    /// Whether the run closed it in order.
    package var isClosed: Bool { state == .closed }
    /// Several threads may read at once.
    private let database: DatabasePool

    /// - Parameter part: one trial, and its beginning, if of lanes and events nothing else is to be read.
    /// - Throws: `.format` for what is no archive that this version can read, `.database` if it is damaged.
    package init(directory: String, only part: (trial: Int, since: RunInstant)? = nil) throws(ArchiveError) {
        let file = ArchiveFile(directory)
        (database, content) = try file.open { try Content($0, part) }
        self.directory = directory
        if content.isClosed {
            (state, missing) = (.closed, nil)
        } else if DirectoryClaim.isHeld(directory) {
            (state, missing) = (.running, nil)
        } else {
            (state, missing) = (.brokenOff, file.missingLog)
        }
    }

    /// Whether the process that writes the run into a directory is alive.
    package static func isRunning(_ directory: String) -> Bool { DirectoryClaim.isHeld(directory) }

    private struct Content {
        var info: RunInfo
        var attachments: Attachments
        var lanes: [Lane]
        var events: [Event]
        var servers: [ServingIdentity]
        var texts: [String]
        var isClosed: Bool

        init(_ database: Database, _ part: (trial: Int, since: RunInstant)?) throws {
            let decoder = JSONDecoder()
            func meta(_ key: String) throws -> String? {
                try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
            }
            guard let json = try meta("info"), let version = try meta("version").flatMap(Int.init) else {
                throw ArchiveError(.format, "it holds no run")
            }
            guard version <= ArchiveWriter.version else {
                throw ArchiveError(
                    .format,
                    "the archive has format \(version), and this peerquake reads formats up to "
                        + "\(ArchiveWriter.version): read it with a newer one")
            }
            attachments = version < 2 ? .unknown : Attachments(try Self.files(database))
            info = try decoder.decode(RunInfo.self, from: Data(json.utf8))
            for row in try Row.fetchAll(database, sql: "SELECT key, value FROM fact") { info.facts[row[0]] = row[1] }
            // Of one part, no more than it is brought into memory: a soak's trials are looked at one after another.
            lanes = try String.fetchAll(
                database,
                sql: "SELECT json FROM lane WHERE ?1 IS NULL OR json_extract(json, '$.trial') = ?1 ORDER BY id",
                arguments: [part?.trial]
            ).map { try decoder.decode(Lane.self, from: Data($0.utf8)) }
            events = try String.fetchAll(
                database, sql: "SELECT json FROM event WHERE at >= ? ORDER BY at, id",
                arguments: [part?.since.nanoseconds ?? .min]
            ).map { try decoder.decode(Event.self, from: Data($0.utf8)) }
            servers =
                [ServingIdentity(cluster: "", node: "", pod: "")]
                + (try Row.fetchAll(database, sql: "SELECT cluster, node, pod FROM server ORDER BY id").map {
                    ServingIdentity(cluster: $0[0], node: $0[1], pod: $0[2])
                })
            texts = [""] + (try String.fetchAll(database, sql: "SELECT text FROM text ORDER BY id"))
            isClosed = try meta("closed") != nil
        }

        private static func files(_ database: Database) throws -> [String: Attachments.Content] {
            let rows = try Row.fetchAll(database, sql: "SELECT name, text FROM attachment")
            return Dictionary(rows.map { ($0[0], .text($0[1])) }) { first, _ in first }
        }
    }

    package func forEachSample(of lane: LaneID, _ body: (Sample) throws -> Void) throws {
        guard let known = lanes.first(where: { $0.id == lane }) else { return }
        var order = SampleOrder(known)
        var reader = SampleBlockReader(known)
        try forEachBlock(of: lane) { bytes in
            try reader.forEach(bytes) { try order.add($0, body) }
            try order.settle(body)
        }
        try order.finish(body)
    }

    package func forEachStart(of lane: LaneID, _ body: (SampleStart) throws -> Void) throws {
        guard let known = lanes.first(where: { $0.id == lane }) else { return }
        var reader = SampleBlockReader(known)
        try forEachBlock(of: lane) { try reader.forEachStart($0, body) }
    }

    package func forEachDial(_ body: (Dial<RunInstant>) throws -> Void) throws {
        var reader = DialBlockReader(texts: texts)
        try forEachBlock("SELECT bytes FROM dials ORDER BY id") { try reader.forEach($0, body) }
    }

    package func forEachDialStart(_ body: (_ began: RunInstant, _ failed: Dial<RunInstant>?) throws -> Void) throws {
        var reader = DialBlockReader(texts: texts)
        try forEachBlock("SELECT bytes FROM dials ORDER BY id") { try reader.forEachStart($0, body) }
    }

    private func forEachBlock(of lane: LaneID, _ body: ([UInt8]) throws -> Void) throws {
        try forEachBlock("SELECT bytes FROM samples WHERE lane = ? ORDER BY id", [lane.rawValue], body)
    }

    private func forEachBlock(
        _ query: String, _ arguments: StatementArguments = [], _ body: ([UInt8]) throws -> Void
    ) throws {
        var block: [UInt8] = []
        try database.read { database in
            let rows = try Row.fetchCursor(database, sql: query, arguments: arguments)
            while let row = try rows.next() {
                try row.withUnsafeData(atIndex: 0) { bytes in
                    block.removeAll(keepingCapacity: true)
                    block.append(contentsOf: bytes ?? Data())
                }
                try body(block)
            }
        }
    }
}
