import QuakeTimeline

/// Samples of one lane as columns. Due times follow from the lane and are exact; all other moments are kept to the
/// microsecond, relative to when the request was sent.
enum SampleBlock {
    static func encode(_ samples: [Sample]) -> [UInt8] {
        var writer = ColumnWriter()
        writer.unsigned(UInt64(samples.count))
        writer.unsigned(samples.first?.sequence ?? 0)
        // Slots end out of order: the distance from the expected one is mostly zero.
        var expected = samples.first?.sequence ?? 0
        writer.runs(
            samples.map { sample in
                defer { expected = sample.sequence + 1 }
                return Int64(bitPattern: sample.sequence &- expected)
            })
        writer.column(samples.map { micros($0.sent, since: $0.due) })
        writer.column(samples.map { sample in sample.connected.map { micros($0, since: sample.sent) + 1 } ?? 0 })
        writer.column(samples.map { sample in sample.firstByte.map { micros($0, since: sample.sent) + 1 } ?? 0 })
        writer.column(samples.map { micros($0.done, since: $0.sent) })
        writer.runs(samples.map { Int64($0.outcome.rawValue) })
        writer.runs(samples.map { Int64($0.flags.rawValue) })
        writer.runs(samples.map { Int64($0.httpStatus) })
        writer.runs(samples.map { Int64($0.errno) })
        writer.deltas(samples.map { Int64($0.localPort) })
        writer.deltas(samples.map { Int64($0.connection) })
        writer.column(samples.map { Int64($0.server) })
        writer.runs(samples.map { Int64($0.text) })
        return writer.bytes
    }

    private static func micros(_ moment: RunInstant, since: RunInstant) -> Int64 {
        // Rounded down, also below zero: a moment never moves behind a later one.
        let nanoseconds = moment.nanoseconds - since.nanoseconds
        return nanoseconds >= 0 ? nanoseconds / 1000 : (nanoseconds - 999) / 1000
    }
}

/// Reads block after block of one lane, in memory that it uses again.
struct SampleBlockReader {
    private let lane: Lane
    private var steps: [Int64] = []
    private var sent: [Int64] = []
    private var connected: [Int64] = []
    private var firstByte: [Int64] = []
    private var done: [Int64] = []
    private var outcomes: [Int64] = []
    private var flags: [Int64] = []
    private var statuses: [Int64] = []
    private var errnos: [Int64] = []
    private var ports: [Int64] = []
    private var connections: [Int64] = []
    private var servers: [Int64] = []
    private var texts: [Int64] = []

    init(_ lane: Lane) { self.lane = lane }

    private static func count(_ reader: inout ColumnReader, _ bytes: [UInt8]) throws(ArchiveError) -> Int {
        let count = Int(clamping: try reader.unsigned())
        guard count <= bytes.count * 64 else { throw ArchiveError(.format, "a block of the archive is damaged") }
        return count
    }

    /// Hands over one sample after the other, in the order in which they were written.
    mutating func forEach(_ bytes: [UInt8], _ body: (Sample) throws -> Void) throws {
        var reader = ColumnReader(bytes)
        let count = try Self.count(&reader, bytes)
        var expected = try reader.unsigned()
        try reader.runs(count, into: &steps)
        try reader.column(count, into: &sent)
        try reader.column(count, into: &connected)
        try reader.column(count, into: &firstByte)
        try reader.column(count, into: &done)
        try reader.runs(count, into: &outcomes)
        try reader.runs(count, into: &flags)
        try reader.runs(count, into: &statuses)
        try reader.runs(count, into: &errnos)
        try reader.deltas(count, into: &ports)
        try reader.deltas(count, into: &connections)
        try reader.column(count, into: &servers)
        try reader.runs(count, into: &texts)
        for index in 0..<count {
            let sequence = expected &+ UInt64(bitPattern: steps[index])
            expected = sequence &+ 1
            let due = lane.due(sequence)
            let sentAt = Self.later(due, sent[index])
            try body(
                Sample(
                    lane: lane.id, sequence: sequence, due: due, sent: sentAt,
                    connected: connected[index] == 0 ? nil : Self.later(sentAt, connected[index] - 1),
                    firstByte: firstByte[index] == 0 ? nil : Self.later(sentAt, firstByte[index] - 1),
                    done: Self.later(sentAt, done[index]), outcome: try Self.outcome(outcomes[index]),
                    flags: Sample.Flags(rawValue: UInt8(clamping: flags[index])),
                    httpStatus: UInt16(clamping: statuses[index]), errno: Int32(clamping: errnos[index]),
                    localPort: UInt16(clamping: ports[index]), connection: UInt32(clamping: connections[index]),
                    server: UInt32(clamping: servers[index]), text: UInt32(clamping: texts[index])))
        }
    }

    /// Hands over no more than how each sample began, which is read several times as fast.
    mutating func forEachStart(_ bytes: [UInt8], _ body: (SampleStart) throws -> Void) throws {
        var reader = ColumnReader(bytes)
        let count = try Self.count(&reader, bytes)
        var expected = try reader.unsigned()
        try reader.runs(count, into: &steps)
        try reader.column(count, into: &sent)
        // Connected, first byte, done.
        try reader.skip(count * 3)
        try reader.runs(count, into: &outcomes)
        for index in 0..<count {
            let sequence = expected &+ UInt64(bitPattern: steps[index])
            expected = sequence &+ 1
            let due = lane.due(sequence)
            try body(
                SampleStart(due: due, sent: Self.later(due, sent[index]), outcome: try Self.outcome(outcomes[index])))
        }
    }

    @inline(__always)
    private static func outcome(_ value: Int64) throws(ArchiveError) -> Outcome {
        guard let outcome = Outcome(rawValue: UInt8(clamping: value)) else {
            throw ArchiveError(.format, "outcome \(value) is not known to this version")
        }
        return outcome
    }

    @inline(__always)
    private static func later(_ moment: RunInstant, _ micros: Int64) -> RunInstant {
        RunInstant(nanoseconds: moment.nanoseconds + micros * 1000)
    }
}
