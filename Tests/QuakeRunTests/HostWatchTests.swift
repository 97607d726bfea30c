import Glibc
import Testing

@testable import QuakeRun

@Suite("The host under the nodes")
struct HostWatchTests {
    private func reading(all: UInt64, idle: UInt64, tracked: Int = 10) -> HostWatch.Reading {
        HostWatch.Reading(tracked: (tracked, 1000), ticks: (all, idle))
    }

    @Test("is read out of the kernel's files, where they are")
    func reads() {
        let files = [
            "/proc/stat": "cpu  100 1 50 700 30 2 3 14 0 0\ncpu0 1 2 3\n",
            "/proc/sys/net/netfilter/nf_conntrack_count": "42\n", "/proc/sys/net/netfilter/nf_conntrack_max": "1000\n",
        ]
        #expect(
            HostWatch.Reading.now { files[$0] }
                == HostWatch.Reading(tracked: (42, 1000), ticks: (all: 900, idle: 730)))
        #expect(HostWatch.Reading.now { _ in nil } == HostWatch.Reading(tracked: nil, ticks: (0, 0)))
    }

    @Test("makes a second suspect in which its connection-tracking table is full")
    func fullTable() {
        var watch = HostWatch()
        let calm = watch.judge(reading(all: 100, idle: 50, tracked: 949))
        let full = watch.judge(reading(all: 200, idle: 100, tracked: 960))
        #expect(calm == nil)
        #expect(full == "the host's connection-tracking table is full: 960 of 1000")
    }

    @Test("makes a second suspect in which root can make no inotify instance")
    func noWatchers() {
        var watch = HostWatch()
        let calm = watch.judge(.now(watching: .possible) { _ in nil })
        let full = watch.judge(.now(watching: .exhausted) { _ in nil })
        let unknown = watch.judge(.now(watching: .unknown) { _ in nil })
        #expect(calm == nil)
        #expect(full?.contains("fs.inotify.max_user_instances") == true)
        #expect(unknown == nil)
    }

    static let refusals: [(isRoot: Bool, problem: Int32, outcome: InotifyTrial.Outcome)] = [
        (true, EMFILE, .exhausted), (true, ENOMEM, .unknown), (false, EMFILE, .unknown),
    ]

    @Test("tells a used-up limit from every other refusal", arguments: refusals)
    func refused(isRoot: Bool, problem: Int32, outcome: InotifyTrial.Outcome) {
        let seen = InotifyTrial.make(isRoot: isRoot) {
            errno = problem
            return -1
        }
        #expect(seen == outcome)
    }

    @Test("keeps no descriptor of a trial that succeeds")
    func trial() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let writer = ends[1]
        #expect(InotifyTrial.make(isRoot: true) { writer } == .possible)
        var byte: UInt8 = 0
        // The end of the file: nobody holds the writing end.
        #expect(read(ends[0], &byte, 1) == 0)
        close(ends[0])
    }

    @Test("makes seconds suspect once its processors have been busy for five of them in a row")
    func starved() {
        var watch = HostWatch()
        var said: [Bool] = []
        for second in 0..<8 { said.append(watch.judge(reading(all: UInt64(second) * 200, idle: 7)) != nil) }
        #expect(said == [false, false, false, false, false, true, true, true])
        let rested = watch.judge(reading(all: 1800, idle: 100))
        #expect(rested == nil)
    }
}
