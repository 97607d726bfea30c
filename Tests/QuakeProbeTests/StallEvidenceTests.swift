import QuakeBase
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeProbe

@Suite("What held a prober up")
struct StallEvidenceTests {
    /// Files by path, which a test may change.
    private final class Files: Sendable {
        private let texts: Mutex<[String: String]>

        init(_ texts: [String: String]) { self.texts = Mutex(texts) }

        subscript(path: String) -> String? {
            get { texts.withLock { $0[path] } }
            set { texts.withLock { $0[path] = newValue } }
        }

        var read: @Sendable (String) -> String? { { self[$0] } }
    }

    private static let new = [
        "/proc/self/cgroup": "0::/kubepods/pod1\n",
        "/sys/fs/cgroup/kubepods/pod1/cpu.stat": "usage_usec 5\nnr_periods 9\nnr_throttled 3\nthrottled_usec 1500\n",
        "/sys/fs/cgroup/kubepods/pod1/cpu.max": "50000 100000\n",
    ]
    /// A container's view of its own.
    private static let inside = [
        "/proc/self/cgroup": "0::/../../pod1\n", "/sys/fs/cgroup/cpu.stat": "nr_throttled 3\nthrottled_usec 1500\n",
        "/sys/fs/cgroup/cpu.max": "max 100000\n",
    ]
    private static let old = [
        "/proc/self/cgroup": "5:memory:/pod1\n3:cpu,cpuacct:/pod1\n0::/unused\n",
        "/sys/fs/cgroup/cpu,cpuacct/pod1/cpu.stat": "nr_periods 9\nnr_throttled 3\nthrottled_time 1500000\n",
        "/sys/fs/cgroup/cpu,cpuacct/pod1/cpu.cfs_quota_us": "200000\n",
        "/sys/fs/cgroup/cpu,cpuacct/pod1/cpu.cfs_period_us": "100000\n",
        "/sys/fs/cgroup/cpu.stat": "nr_throttled 99\n",
    ]

    @Test(
        "is read off the control group's files, of either version, in or out of a container",
        arguments: [(new, 0.5), (inside, nil), (old, 2.0)] as [([String: String], Double?)])
    func group(files: [String: String], quota: Double?) {
        let group = ControlGroup(read: Files(files).read)
        #expect(group.throttling == ControlGroup.Throttling(times: 3, nanoseconds: 1_500_000))
        #expect(group.quota == quota)
    }

    @Test("is not known of a group without files, and never negative after a restart of the group")
    func unknown() {
        let group = ControlGroup(read: Files(["/proc/self/cgroup": "0::/\n"]).read)
        #expect(group.throttling == nil && group.quota == nil)
        #expect(ControlGroup(read: Files([:]).read).throttling == nil)
        let before = ControlGroup.Throttling(times: 3, nanoseconds: 1_500_000)
        #expect(ControlGroup.Throttling(times: 5, nanoseconds: 2_500_000).since(before).words == "2 times, 1 ms in all")
        #expect(ControlGroup.Throttling(times: 1, nanoseconds: 7_000_000).since(before).words == "once, 7 ms in all")
        #expect(before.since(before).words == "never")
    }

    @Test("counts from the last reading before a stall: what came earlier is none of it")
    func surroundings() {
        let files = Files(Self.new)
        let stat = "/sys/fs/cgroup/kubepods/pod1/cpu.stat"
        func host(_ ticks: Int) { files["/proc/stat"] = "cpu  1 2 3 4 5 6 7 \(ticks) 0 0\ncpu0 1 2 3 4 5 6 7 8\n" }
        host(10)
        let surroundings = StallSurroundings(read: files.read)
        let now = SystemClock.monotonic
        files[stat] = "nr_throttled 4\nthrottled_usec 101500\n"
        host(12)
        surroundings.refresh(at: now + 1_000)
        files[stat] = "nr_throttled 5\nthrottled_usec 381500\n"
        host(15)
        surroundings.refresh(at: now + 3_000)
        let stall = surroundings.change(since: now + 2_000, until: now + 3_000)
        #expect(stall.throttled == 280_000_000)
        #expect(stall.stolen == 30_000_000)
        let earlier = surroundings.change(since: now + 500, until: now + 3_000)
        #expect(earlier.throttled == 380_000_000)
    }

    @Test("is what was counted since the mark before the stall, and no part is longer than the whole")
    func parts() {
        func counts(_ at: Int64, waited: Int64?, worked: Int64, preemptions: Int64) -> ThreadMeter.Counts {
            ThreadMeter.Counts(at: at, waited: waited, worked: worked, preemptions: preemptions, faults: 0)
        }
        let marks = [100, 200, 300].map { counts($0, waited: $0, worked: $0, preemptions: $0) }
        #expect(ThreadMeter.mark(before: 250, in: marks)?.at == 200)
        #expect(ThreadMeter.mark(before: 200, in: marks)?.at == 200)
        #expect(ThreadMeter.mark(before: 5, in: marks)?.at == 100)
        let evidence = StallWitness.evidence(
            from: 0, to: 295_000_000, before: counts(0, waited: 1_000_000, worked: 5_000_000, preemptions: 4),
            after: counts(1, waited: 281_000_000, worked: 8_000_000, preemptions: 6), throttled: 900_000_000,
            stolen: nil, wasRead: true)
        #expect(
            evidence
                == StallEvidence(
                    lengthMillis: 295, waitingMillis: 280, workingMillis: 3, throttledMillis: 295, stolenMillis: nil,
                    preemptions: 2, pageFaults: 0, wasRead: true))
    }

    @Test("is counted by this kernel for the thread that asks, and only ever grows")
    func kernel() {
        let meter = ThreadMeter()
        let before = meter.counts
        var sum = 0
        while SystemClock.thread < before.worked + 20_000_000 { sum &+= 1 }
        let after = meter.counts
        #expect(sum > 0 && after.worked - before.worked >= 20_000_000)
        #expect(after.at > before.at && after.preemptions >= before.preemptions && after.faults >= before.faults)
        if let one = before.waited, let two = after.waited { #expect(two >= one) }
    }

    /// Keeps the prober's thread once, as a sink must not.
    private final class SlowSink: ProbeSink {
        let memory = Memory()
        private let isDone = Mutex(false)

        func record(_ samples: [Sample]) {
            memory.record(samples)
            let isFirst = isDone.withLock { done in
                defer { done = true }
                return !done
            }
            guard isFirst else { return }
            let end = SystemClock.monotonic + 500_000_000
            while SystemClock.monotonic < end {}
        }

        func record(_ event: Event) { memory.record(event) }
        func server(_ identity: ServingIdentity) -> UInt32 { 1 }
        func text(_ text: String) -> UInt32 { 1 }
    }

    @Test("is recorded with each late slot, for the second that is suspect anyway")
    func recorded() async throws {
        let server = try LoopbackServer()
        defer { server.stop() }
        let sink = SlowSink()
        let prober = try Prober(clock: RunClock(), sink: sink) { from, to in to - from > 300_000_000 }
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "t", from: "a", to: "b", mode: .new,
            url: "http://127.0.0.1:\(server.port)/", period: .milliseconds(10), deadline: .seconds(2),
            timeout: .seconds(4), origin: .origin)
        _ = try await prober.start(LaneSpec(lane: lane))
        try await Task.sleep(for: .milliseconds(900))
        await prober.stop(lane.id)
        await prober.close()
        let late = sink.memory.events.withLock { events in
            events.compactMap { event -> StallEvidence? in
                guard case .suspect(let from, let to, let reason, let evidence?) = event.what, from == to else {
                    return nil
                }
                #expect(reason == evidence.words)
                return evidence
            }
        }
        // The slots that were due meanwhile were all sent in one turn.
        let longest = try #require(late.max { $0.lengthMillis < $1.lengthMillis })
        #expect(longest.lengthMillis >= 400)
        #expect(longest.workingMillis > 0, "the sink kept the thread at work: \(longest.words)")
        #expect(longest.wasRead)
        let conditions = prober.conditions
        #expect(["SCHED_FIFO 1", "SCHED_OTHER"].contains(conditions.scheduling))
    }
}
