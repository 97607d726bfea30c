import FoundationEssentials
import QuakeBase
import QuakeProbe
import QuakeProbeWire
package import QuakeRecord
import Synchronization
import SystemPackage

/// What a prober in a pod has recorded and nobody has read yet, in memory and in a file on the pod's volume: a container
/// that starts anew goes on numbering where the last one ended, and hands out what that one left.
///
///     the prober's thread ─► inbox ─► flush, every 50 ms: numbers, JSON, file ─► page, when the runner asks
///                       its own lock          another lock, which may be held for long
///
/// The prober's thread shares no lock with what makes JSON or writes to a disk: each can take hundreds of milliseconds on a
/// busy machine, and no request would be sent meanwhile.
package final class RecordStore: ProbeSink {
    /// Beyond it the oldest records go; a reader sees their numbers missing.
    private static let limit = 64 << 20

    /// What the prober's thread touches.
    private struct Inbox {
        /// Not numbered yet.
        var waiting: [WireRecord.Content] = []
        var servers: [ServingIdentity: UInt32] = [:]
        var texts: [String: UInt32] = [:]
    }

    private struct State {
        var records: [(number: UInt64, line: Data)] = []
        var next: UInt64 = 1
        var bytes = 0
        /// Writes at its end.
        var file: FileDescriptor?
        var fileBytes = 0
    }

    /// When pages were made, by the monotonic clock.
    private struct Reading {
        var under = 0
        var ended = Int64.min
        /// Until the first page.
        let began = SystemClock.monotonic
    }

    let incarnation = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    private let path: String
    private let inbox = Mutex(Inbox())
    private let state = Mutex(State())
    private let reading = Mutex(Reading())
    private let flusher = Mutex<Task<Void, Never>?>(nil)

    /// Opens the file, with whatever an earlier container left in it.
    package init(path: String) throws {
        self.path = path
        let decoder = JSONDecoder()
        let left = FileManager.default.contents(atPath: path) ?? Data()
        for line in left.split(separator: UInt8(ascii: "\n")) {
            // The last line may be torn.
            guard let record = try? decoder.decode(WireRecord.self, from: Data(line)) else { break }
            state.withLock { state in
                state.records.append((record.number, Data(line)))
                state.bytes += line.count
                state.next = record.number + 1
            }
        }
        try state.withLock { try Self.rewrite(&$0, path) }
        let task = Task { [weak self] in
            while !Task.isCancelled {
                self?.flush()
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
        flusher.withLock { $0 = task }
    }

    deinit { state.withLock { try? $0.file?.close() } }

    /// Ends the writing of every 50 ms; what still waits is written by the next page that is asked for.
    package func stop() { flusher.withLock { $0?.cancel() } }

    // MARK: - ProbeSink

    package func record(_ samples: [Sample]) {
        let content = WireRecord.Content.samples(samples.map { WireSample($0) })
        inbox.withLock { $0.waiting.append(content) }
    }

    package func record(_ event: Event) { inbox.withLock { $0.waiting.append(.event(event)) } }

    package func server(_ identity: ServingIdentity) -> UInt32 {
        inbox.withLock { inbox in
            if let known = inbox.servers[identity] { return known }
            let index = UInt32(inbox.servers.count + 1)
            inbox.servers[identity] = index
            inbox.waiting.append(.server(index, identity))
            return index
        }
    }

    package func text(_ text: String) -> UInt32 {
        inbox.withLock { inbox in
            if let known = inbox.texts[text] { return known }
            let index = UInt32(inbox.texts.count + 1)
            inbox.texts[text] = index
            inbox.waiting.append(.text(index, text))
            return index
        }
    }

    // MARK: - Records

    /// Numbers what waits and writes it to the file.
    func flush() {
        state.withLock { state in
            // Within the other lock, so that no later one is numbered before these.
            let waiting = inbox.withLock { inbox in
                defer { inbox.waiting = [] }
                return inbox.waiting
            }
            guard !waiting.isEmpty else { return }
            let encoder = JSONEncoder()
            var bytes = Data()
            for content in waiting {
                guard let line = try? encoder.encode(WireRecord(number: state.next, content: content)) else { continue }
                state.records.append((state.next, line))
                state.next += 1
                state.bytes += line.count
                bytes += line
                bytes.append(UInt8(ascii: "\n"))
            }
            _ = try? state.file?.writeAll(bytes)
            state.fileBytes += bytes.count
            while state.bytes > Self.limit, let first = state.records.first {
                state.bytes -= first.line.count
                state.records.removeFirst()
            }
        }
    }

    /// A page of JSON from `cursor` on. What lies before it has arrived, and is dropped.
    func page(from cursor: UInt64) -> Data {
        reading.withLock { $0.under += 1 }
        defer {
            reading.withLock { reading in
                reading.under -= 1
                reading.ended = SystemClock.monotonic
            }
        }
        flush()
        return state.withLock { state in
            let arrived = state.records.prefix { $0.number < cursor }
            state.bytes -= arrived.reduce(0) { $0 + $1.line.count }
            state.records.removeFirst(arrived.count)
            if state.fileBytes > Self.limit / 8, state.bytes < state.fileBytes / 2 {
                try? Self.rewrite(&state, path)
            }
            let lines = state.records.prefix(ProberAPI.page).map { String(decoding: $0.line, as: UTF8.self) }
            let text =
                "{\"incarnation\":\"\(incarnation)\",\"next\":\(state.next),\"records\":[\(lines.joined(separator: ","))]}"
            return Data(text.utf8)
        }
    }

    /// Whether a page was being made at some moment of a stretch that has just ended, by the monotonic clock.
    func wasRead(from start: Int64, to end: Int64) -> Bool {
        reading.withLock { $0.under > 0 || $0.ended >= start }
    }

    /// How long nobody has asked for a page.
    var sinceRead: Duration {
        reading.withLock { reading in
            reading.under > 0 ? .zero : .nanoseconds(SystemClock.monotonic - max(reading.ended, reading.began))
        }
    }

    var next: UInt64 { state.withLock { $0.next } }

    private static func rewrite(_ state: inout State, _ path: String) throws {
        var bytes = Data()
        for record in state.records {
            bytes += record.line
            bytes.append(UInt8(ascii: "\n"))
        }
        try bytes.write(to: URL(filePath: path), options: .atomic)
        try? state.file?.close()
        // Whatever fails from here on, it is not closed twice.
        state.file = nil
        state.file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .append)
        state.fileBytes = bytes.count
    }
}
