import Foundation
import QuakeBase
import QuakeProbeWire
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeProbePod

@Suite("What a prober in a pod keeps", .serialized, .timeLimit(.minutes(2)))
struct RecordStoreTests {
    private func sample(_ sequence: Int) -> Sample {
        let at = RunInstant(nanoseconds: Int64(sequence) * 10_000_000)
        return Sample(
            lane: LaneID(rawValue: 1), sequence: UInt64(sequence), due: at, sent: at, done: at, outcome: .ok)
    }

    @Test("is taken from the prober at once, however long the records before take to be written")
    func takesAtOnce() async throws {
        let folder = try TemporaryDirectory()
        let store = try RecordStore(path: "\(folder.path)/records.ndjson")
        // The test writes by itself.
        store.stop()
        for block in 0..<400 { store.record((0..<512).map { sample(block * 512 + $0) }) }
        let isOver = Mutex(false)
        let began = SystemClock.monotonic
        let writing = Thread {
            store.flush()
            isOver.withLock { $0 = true }
        }
        writing.start()
        var slowest: Int64 = 0
        while !isOver.withLock({ $0 }) {
            let asked = SystemClock.monotonic
            store.record([sample(0)])
            _ = store.text("some failure")
            _ = store.server(ServingIdentity(cluster: "west", node: "n", pod: "p"))
            slowest = max(slowest, SystemClock.monotonic - asked)
            try await Task.sleep(for: .milliseconds(1))
        }
        let whole = SystemClock.monotonic - began
        #expect(
            slowest < whole / 4, "of \(whole / 1_000_000) ms of writing, the prober waited \(slowest / 1_000_000) ms")
    }

    @Test("is numbered without gaps in the order in which it came, whichever task writes it")
    func order() async throws {
        let folder = try TemporaryDirectory()
        let store = try RecordStore(path: "\(folder.path)/records.ndjson")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { for _ in 0..<50 { store.flush() } } }
            for sequence in 0..<300 { store.record([sample(sequence)]) }
        }
        store.stop()
        let page = try JSONDecoder().decode(WirePage.self, from: store.page(from: 0))
        #expect(page.records.map(\.number) == Array(1...300))
        let sequences = page.records.flatMap { record -> [UInt64] in
            if case .samples(let samples) = record.content { samples.map(\.sample.sequence) } else { [] }
        }
        #expect(sequences == Array(0..<300))
    }

    @Test("knows whether it was read in a stretch")
    func wasRead() throws {
        let folder = try TemporaryDirectory()
        let store = try RecordStore(path: "\(folder.path)/records.ndjson")
        defer { store.stop() }
        let before = SystemClock.monotonic
        #expect(!store.wasRead(from: before - 1, to: before))
        _ = store.page(from: 0)
        let after = SystemClock.monotonic + 1
        #expect(store.wasRead(from: before, to: after))
        #expect(!store.wasRead(from: after, to: after + 1))
    }
}
