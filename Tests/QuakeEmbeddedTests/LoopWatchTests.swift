import Foundation
import NIOCore
import NIOPosix
import QuakeBase
import QuakeCluster
import Testing

@testable import QuakeEmbedded

@Suite("The watch over the event loops")
struct LoopWatchTests {
    @Test("tells from when until when a loop was held up, and each stall once")
    func stalls() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let watch = LoopWatch(beat: .milliseconds(5), limit: .milliseconds(150))
        watch.watch(group)
        #expect(watch.stalls(after: 0).isEmpty)
        let before = SystemClock.monotonic
        // One loop of the two: the other one's beats go on.
        try await group.next().submit { Thread.sleep(forTimeInterval: 0.4) }.get()
        // A busy machine may hold it up for other reasons besides.
        var stall: HostStall?
        let deadline = ContinuousClock.now + .seconds(10)
        while stall == nil, ContinuousClock.now < deadline {
            stall = watch.stalls(after: 0).first { $0.to - $0.from >= 390_000_000 }
            try await Task.sleep(for: .milliseconds(10))
        }
        let found = try #require(stall)
        // The beat that came too late was due soon after the loop was taken.
        #expect(found.to - before >= 400_000_000)
        #expect(found.to <= SystemClock.monotonic)
        #expect(!watch.stalls(after: found.number).contains { $0.number <= found.number })
        #expect(watch.stalls(after: found.number - 1).first?.number == found.number)
        try await group.shutdownGracefully()
    }

    @Test("wakes no loop that no one asks about, begins with a question and ends a while after the last")
    func onDemand() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let watch = LoopWatch(beat: .milliseconds(1), limit: .seconds(60), patience: .milliseconds(50))
        watch.watch(group)
        #expect(!watch.isWatching)
        for _ in 0..<2 {
            _ = watch.stalls(after: 0)
            #expect(watch.isWatching)
            let deadline = ContinuousClock.now + .seconds(30)
            while watch.isWatching, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
            #expect(!watch.isWatching)
        }
        try await group.shutdownGracefully()
    }
}
