import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// The prober's own trouble, brought upon `peerquake probe`: none of it may look like an outage of what it asks.
@Suite("The prober's own trouble", .serialized, .timeLimit(.minutes(3)))
struct ProberTroubleTests {
    /// A lane's line of `--json`.
    private struct Lane {
        var connections: String
        var slots: Int
        var good: Int
        var bad: Int
        var excluded: Int
        var outageMillis: Double
        var classes: [String: Int]

        init?(_ value: JSONValue) {
            guard let connections = value["connections"]?.stringValue, let slots = value["slots"]?.intValue,
                let good = value["good"]?.intValue, let bad = value["bad"]?.intValue,
                let suspect = value["suspect"]?.intValue, let client = value["clientFailures"]?.intValue
            else { return nil }
            self.connections = connections
            self.slots = slots
            self.good = good
            self.bad = bad
            excluded = suspect + client
            outageMillis = value["longestOutageMillis"]?.doubleValue ?? -1
            classes = (value["classes"]?.objectValue ?? [:]).compactMapValues(\.intValue)
        }
    }

    private static let isRoot = getuid() == 0

    /// A server that answers requests after a while, and sends streams back.
    private func server(after millis: UInt32 = 0) -> ScriptedServer {
        ScriptedServer { connection in
            while let head = connection.head() {
                guard head.lowercased().contains("application/x-peerquake-stream") else {
                    if millis > 0 { connection.pause(milliseconds: millis) }
                    connection.answer(body: "hello")
                    continue
                }
                connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                while let message = connection.chunk() { connection.send(chunk: message) }
            }
        }
    }

    /// Runs a shell's script in which `$probe` is the prober, and reads its lanes.
    private func run(
        _ script: String, _ url: String, _ options: String
    ) async throws -> (lanes: [Lane], result: CommandResult) {
        let probe = "\(try BuiltCommand.path()) probe \(url) --json \(options)"
        let result = try await Command(["bash", "-c", "export probe='\(probe)'\n\(script)"]).run(timeout: .seconds(90))
        let lines = result.standardOutput.split(separator: "\n")
        return (lines.compactMap { (try? JSONValue(parsing: String($0))).flatMap(Lane.init) }, result)
    }

    /// Something was excluded, and nothing that was not is bad.
    private func expectNoOutage(_ lanes: [Lane], _ result: CommandResult, excluded: Bool = true) {
        #expect(!lanes.isEmpty, "\(result.standardError)")
        for lane in lanes {
            #expect(lane.bad == 0 && lane.outageMillis == 0, "\(lane)")
            #expect(lane.good > 0 && lane.good + lane.excluded == lane.slots, "\(lane)")
            if excluded { #expect(lane.excluded > 0, "\(lane)") }
        }
        #expect(result.exitCode == 0)
    }

    private static let all = "--connections new,pooled,stream --deadline 1s"

    @Test("stalling for two seconds is excluded, and counted")
    func stopped() async throws {
        let server = server()
        defer { server.stop() }
        let (lanes, result) = try await run(
            "$probe & sleep 3; kill -STOP $!; sleep 2; kill -CONT $!; wait $!", "http://127.0.0.1:\(server.port)/",
            "\(Self.all) --rate 50/s --for 8s")
        #expect(lanes.map(\.connections) == ["new", "pooled", "stream"])
        expectNoOutage(lanes, result)
        #expect(lanes.allSatisfy { $0.excluded >= 75 }, "\(lanes)")
    }

    @Test("a processor that others take is excluded, and counted")
    func starved() async throws {
        let server = server()
        defer { server.stop() }
        // On one processor, without the right to a real-time schedule, beside one who has it and never rests.
        let script = """
            one=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
            may=; [ "$(id -u)" -ne 0 ] || may='setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice'
            taskset -c "$one" $may $probe & probe=$!
            sleep 2
            # Its end is kept by somebody on another processor.
            if chrt -f 10 true; then
                echo taken >&2
                timeout 0.6 chrt -f 10 taskset -c "$one" bash -c 'while :; do :; done'
            fi
            wait $probe
            """
        let (lanes, result) = try await run(
            script, "http://127.0.0.1:\(server.port)/", "\(Self.all) --rate 50/s --for 4s")
        #expect(result.standardOutput.contains("\"scheduling\":\"SCHED_OTHER\""))
        let isTaken = result.standardError.contains("taken")
        #expect(isTaken || !Self.isRoot, "\(result.standardError)")
        // Every second of it may be excluded.
        #expect(lanes.count == 3, "\(result.standardError)")
        #expect(lanes.allSatisfy { $0.bad == 0 && $0.outageMillis == 0 }, "\(lanes)")
        if isTaken { #expect(lanes.allSatisfy { $0.excluded > 0 }, "\(lanes)") }
    }

    @Test("descriptors that ran out are the prober's own failure")
    func descriptors() async throws {
        let server = server(after: 400)
        defer { server.stop() }
        let (lanes, result) = try await run(
            "ulimit -n 60; $probe", "http://127.0.0.1:\(server.port)/", "--deadline 1s --rate 200/s --for 2s")
        expectNoOutage(lanes, result)
        #expect(lanes.allSatisfy { $0.classes["client-error"] ?? 0 > 0 }, "\(lanes)")
    }

    @Test("a wall clock that jumps by an hour, to and fro, changes nothing")
    func clock() async throws {
        let folder = try TemporaryDirectory()
        try folder.file(
            "jump.c",
            """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>
            static int calls;
            static long jump(void) {
                if (++calls == 3) (void)!write(2, "the clock jumps\\n", 16);
                return calls % 2 ? 3600 : -3600;
            }
            int clock_gettime(clockid_t id, struct timespec *now) {
                static int (*real)(clockid_t, struct timespec *);
                if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
                int code = real(id, now);
                if (id == CLOCK_REALTIME) now->tv_sec += jump();
                return code;
            }
            int gettimeofday(struct timeval *now, void *zone) {
                struct timespec exact;
                clock_gettime(CLOCK_REALTIME, &exact);
                now->tv_sec = exact.tv_sec;
                now->tv_usec = exact.tv_nsec / 1000;
                return 0;
            }
            time_t time(time_t *now) {
                struct timespec exact;
                clock_gettime(CLOCK_REALTIME, &exact);
                if (now) *now = exact.tv_sec;
                return exact.tv_sec;
            }
            """)
        // Swift's toolchain brings a C compiler along.
        let made = try await Command([
            "bash", "-c",
            "PATH=$PATH:$(dirname \"$(readlink -f \"$(command -v swift)\")\"); "
                + "clang -shared -fPIC -o \(folder.path)/jump.so \(folder.path)/jump.c -ldl",
        ]).run(timeout: .seconds(60))
        try #require(made.succeeded, "\(made.standardError)")
        let server = server()
        defer { server.stop() }
        let (lanes, result) = try await run(
            "LD_PRELOAD=\(folder.path)/jump.so $probe", "http://127.0.0.1:\(server.port)/",
            "\(Self.all) --rate 50/s --for 3s --out \(folder.path)/run")
        #expect(result.standardError.contains("the clock jumps"))
        expectNoOutage(lanes, result, excluded: false)
        #expect(lanes.allSatisfy { (130...300).contains($0.slots) }, "\(lanes)")
    }

    @Test(
        "a full disk is reported as such, and as nothing else",
        .enabled(if: isRoot, "root is needed to mount a small disk")
    )
    func diskStaysFull() async throws {
        let folder = try TemporaryDirectory()
        let server = server()
        defer { server.stop() }
        let script = """
            mount -t tmpfs -o size=4m none \(folder.path)
            $probe & sleep 1; head -c 8M /dev/zero >\(folder.path)/fill 2>/dev/null; wait $!
            """
        let (lanes, result) = try await run(
            "unshare -m bash -c '\(script)'",
            "http://127.0.0.1:\(server.port)/", "\(Self.all) --rate 200/s --for 4s --out \(folder.path)/run")
        #expect(lanes.isEmpty && result.exitCode == 70)
        #expect(result.standardError.contains("cannot write to"), "\(result.standardError)")
    }
}
