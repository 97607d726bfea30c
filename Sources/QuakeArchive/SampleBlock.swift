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

    static func decode(_ bytes: [UInt8], lane: Lane) throws -> [Sample] {
        var samples: [Sample] = []
        try forEach(bytes, lane: lane) { samples.append($0) }
        return samples
    }

    /// Decodes one after the other: a long run's samples are never all in memory.
    static func forEach(_ bytes: [UInt8], lane: Lane, _ body: (Sample) throws -> Void) throws {
        var reader = ColumnReader(bytes)
        let count = Int(clamping: try reader.unsigned())
        guard count <= bytes.count * 64 else { throw ArchiveError(.format, "a block of the archive is damaged") }
        var expected = try reader.unsigned()
        let steps = try reader.runs(count)
        let sent = try reader.column(count)
        let connected = try reader.column(count)
        let firstByte = try reader.column(count)
        let done = try reader.column(count)
        let outcomes = try reader.runs(count)
        let flags = try reader.runs(count)
        let statuses = try reader.runs(count)
        let errnos = try reader.runs(count)
        let ports = try reader.deltas(count)
        let connections = try reader.deltas(count)
        let servers = try reader.column(count)
        let texts = try reader.runs(count)
        for index in 0..<count {
            let sequence = expected &+ UInt64(bitPattern: steps[index])
            expected = sequence &+ 1
            let due = lane.due(sequence)
            let sentAt = later(due, sent[index])
            guard let outcome = Outcome(rawValue: UInt8(clamping: outcomes[index])) else {
                throw ArchiveError(.format, "outcome \(outcomes[index]) is not known to this version")
            }
            try body(
                Sample(
                    lane: lane.id, sequence: sequence, due: due, sent: sentAt,
                    connected: connected[index] == 0 ? nil : later(sentAt, connected[index] - 1),
                    firstByte: firstByte[index] == 0 ? nil : later(sentAt, firstByte[index] - 1),
                    done: later(sentAt, done[index]), outcome: outcome,
                    flags: Sample.Flags(rawValue: UInt8(clamping: flags[index])),
                    httpStatus: UInt16(clamping: statuses[index]), errno: Int32(clamping: errnos[index]),
                    localPort: UInt16(clamping: ports[index]), connection: UInt32(clamping: connections[index]),
                    server: UInt32(clamping: servers[index]), text: UInt32(clamping: texts[index])))
        }
    }

    private static func micros(_ moment: RunInstant, since: RunInstant) -> Int64 {
        // Rounded down, also below zero: a moment never moves behind a later one.
        let nanoseconds = moment.nanoseconds - since.nanoseconds
        return nanoseconds >= 0 ? nanoseconds / 1000 : (nanoseconds - 999) / 1000
    }

    private static func later(_ moment: RunInstant, _ micros: Int64) -> RunInstant {
        RunInstant(nanoseconds: moment.nanoseconds + micros * 1000)
    }
}
