import FoundationEssentials
import QuakeProbe
import QuakeProbeWire
package import QuakeRecord
import Synchronization
import SystemPackage

/// What a prober in a pod has recorded and nobody has read yet, in memory and in a file on the pod's volume: a container
/// that starts anew goes on numbering where the last one ended, and hands out what that one left.
package final class RecordStore: ProbeSink {
    /// Beyond it the oldest records go; a reader sees their numbers missing.
    private static let limit = 64 << 20

    private struct State {
        var records: [(number: UInt64, line: Data)] = []
        var next: UInt64 = 1
        var bytes = 0
        /// Not numbered yet.
        var waiting: [WireRecord.Content] = []
        var servers: [ServingIdentity: UInt32] = [:]
        var texts: [String: UInt32] = [:]
        /// Writes at its end.
        var file: FileDescriptor?
        var fileBytes = 0
    }

    let incarnation = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    private let path: String
    private let state = Mutex(State())
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
        state.withLock { $0.waiting.append(.samples(samples.map { WireSample($0) })) }
    }

    package func record(_ event: Event) { state.withLock { $0.waiting.append(.event(event)) } }

    package func server(_ identity: ServingIdentity) -> UInt32 {
        state.withLock { state in
            if let known = state.servers[identity] { return known }
            let index = UInt32(state.servers.count + 1)
            state.servers[identity] = index
            state.waiting.append(.server(index, identity))
            return index
        }
    }

    package func text(_ text: String) -> UInt32 {
        state.withLock { state in
            if let known = state.texts[text] { return known }
            let index = UInt32(state.texts.count + 1)
            state.texts[text] = index
            state.waiting.append(.text(index, text))
            return index
        }
    }

    // MARK: - Records

    /// Numbers what waits and writes it to the file.
    func flush() {
        let encoder = JSONEncoder()
        state.withLock { state in
            guard !state.waiting.isEmpty else { return }
            var bytes = Data()
            for content in state.waiting {
                guard let line = try? encoder.encode(WireRecord(number: state.next, content: content)) else { continue }
                state.records.append((state.next, line))
                state.next += 1
                state.bytes += line.count
                bytes += line
                bytes.append(UInt8(ascii: "\n"))
            }
            state.waiting = []
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
