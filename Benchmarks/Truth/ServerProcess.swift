import Foundation

/// The server as a process of its own: neither shares a scheduler's queue or an allocator's lock with the other.
final class ServerProcess {
    /// What it tells at its end.
    struct Record: Sendable {
        /// Client's port → its requests, in order.
        var entries: [UInt16: [LogEntry]] = [:]
        /// Index of a fault of the port → from when until when it was in force.
        var inForce: [Int: ClosedRange<Int64>] = [:]
        var requests = 0
    }

    let port: Int
    private let process = Process()
    private let control = Pipe()
    private let output = Pipe()

    /// - Throws: what Foundation says of a program that does not start.
    init(faults: Int, seed: UInt64, start: Int64) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["serve", "--faults", "\(faults)", "--seed", "\(seed)", "--start", "\(start)"]
        process.standardInput = control
        process.standardOutput = output
        try process.run()
        guard let word = try output.fileHandleForReading.read(upToCount: 8), word.count == 8 else {
            throw CocoaError(.fileReadUnknown)
        }
        port = Int(Self.numbers(word).first ?? 0)
    }

    /// Ends it and reads what it logged.
    func stop() throws -> Record {
        try control.fileHandleForWriting.close()
        let numbers = Self.numbers(try output.fileHandleForReading.readToEnd() ?? Data())
        process.waitUntilExit()
        var record = Record()
        for start in stride(from: 0, to: numbers.count - 3, by: 4) {
            let (port, received, from, to) = (
                numbers[start], numbers[start + 1], numbers[start + 2], numbers[start + 3]
            )
            if port < 0 {
                record.inForce[Int(-port - 1)] = from...to
            } else {
                record.requests += 1
                record.entries[UInt16(clamping: port), default: []].append(
                    LogEntry(port: UInt16(clamping: port), received: received, answered: to == 0 ? nil : from...to))
            }
        }
        return record
    }

    /// The child's part: serves until its standard input ends, and writes four numbers for each entry.
    static func serve(faults: Int, seed: UInt64, start: Int64, slow: Int64) throws {
        // As the prober's thread: what the machine does besides is no finding.
        var parameters = sched_param(sched_priority: 1)
        _ = sched_setscheduler(0, SCHED_FIFO, &parameters)
        let server = TruthServer(Schedule(count: faults, seed: seed, start: start), slow: slow)
        let output = FileHandle.standardOutput
        try output.write(contentsOf: data([Int64(server.port)]))
        server.run(control: 0)
        for (index, range) in server.inForce {
            try output.write(contentsOf: data([Int64(-index - 1), 0, range.lowerBound, range.upperBound]))
        }
        for start in stride(from: 0, to: server.log.count, by: 4096) {
            let part = server.log[start..<min(start + 4096, server.log.count)]
            try output.write(
                contentsOf: data(
                    part.flatMap { entry in
                        [
                            Int64(entry.port), entry.received, entry.answered?.lowerBound ?? 0,
                            entry.answered?.upperBound ?? 0,
                        ]
                    }))
        }
    }

    private static func data(_ numbers: [Int64]) -> Data { numbers.withUnsafeBytes { Data($0) } }

    private static func numbers(_ data: Data) -> [Int64] {
        data.withUnsafeBytes { bytes in
            (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self) }
        }
    }
}
