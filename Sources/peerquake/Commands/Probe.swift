import ArgumentParser
import FoundationEssentials
import QuakeAnalysis
import QuakeArchive
import QuakeBase
import QuakePlan
import QuakeProbe
import QuakeShell
import QuakeTimeline
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `peerquake probe URL`: the prober alone.
struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Send requests to a URL in an open loop and report losses; exit code 0 if nothing was lost.",
        discussion: "EXAMPLE\n  peerquake probe http://127.0.0.1:8080/ --rate 50/s --connections new,pooled --for 30s")

    @Argument(help: "An http or https URL.", transform: Checked.url)
    var url: String

    @Option(help: "Requests per second and lane, for example 50/s. (default: 50/s)", transform: Checked.rate)
    var rate = "50/s"

    @Option(
        help:
            "Of new, pooled and stream, one or several. A stream needs a server that sends its lines back. (default: new)",
        transform: Checked.words(of: ConnectionMode.allCases.map(\.rawValue)))
    var connections = "new"

    @Option(help: "Pinned connections of a pooled lane. (default: 4)", transform: Checked.number(1...1000))
    var pooledConnections = 4

    @Option(name: .customLong("for"), help: "How long, for example 30s. (default: 10s)", transform: Checked.time)
    var length = "10s"

    @Option(help: "An answer later than this after its due time is bad. (default: 250ms)", transform: Checked.time)
    var deadline = "250ms"

    @Option(help: "After how long a request is given up. (default: 2s)", transform: Checked.time)
    var timeout = "2s"

    @Option(help: "HOST:PORT to connect to in place of the URL's host.", transform: Checked.address(lowestPort: 1))
    var connectTo: String?

    @Option(help: "The cluster that must answer.", transform: Checked.name)
    var expectCluster: String?

    @Option(help: "The expected status. (default: 200)", transform: Checked.number(200...599))
    var expectStatus = 200

    @Option(help: "The method of each request. (default: GET)", transform: Checked.method)
    var method = "GET"

    @Option(help: "A header field of every request, for example 'Name: value'.", transform: Checked.field)
    var header: [String] = []

    @Option(help: "The body of each request.")
    var body: String?

    @Option(
        help: "PEM file of authorities to verify an https server with, in place of the system's.",
        transform: Checked.file)
    var caFile: String?

    @Flag(help: "Do not verify an https server.")
    var insecure = false

    @Option(
        help: "Write an archive there, with a loopback control in addition to the lanes.",
        transform: Checked.newDirectory)
    var out: String?

    @Flag(help: "Print the summary as JSON.")
    var json = false

    @OptionGroup var log: LogOptions

    func validate() throws {
        if let late = Quantity.duration(deadline), let end = Quantity.duration(timeout), late > end {
            throw ValidationError("--deadline \(deadline): it is above --timeout \(timeout), which would cut it short")
        }
        guard let caFile else { return }
        if insecure { throw ValidationError("--ca-file \(caFile): with --insecure nothing is verified") }
        if !url.hasPrefix("https://") {
            throw ValidationError("--ca-file \(caFile): only an https server has a certificate to be verified")
        }
    }

    func run() async throws {
        log.apply()
        let archive = try out.map { try self.archive(in: $0) }
        let memory = ProbeMemory(archive)
        let clock = RunClock()
        let prober = try Prober(clock: clock, sink: memory)
        var lanes: [Lane] = []
        let began = SystemClock.processSeconds
        for (index, name) in connections.split(separator: ",").map(String.init).enumerated() {
            lanes.append(try await prober.start(try spec(name, LaneID(rawValue: UInt32(index + 1)))))
        }
        let control = try archive == nil ? nil : LoopbackServer()
        defer { control?.stop() }
        if let control { lanes.append(try await prober.start(try Self.control(control, UInt32(lanes.count + 1)))) }
        for lane in lanes { archive?.add(lane) }
        let end = ContinuousClock.now + (Quantity.duration(length) ?? .zero)
        while ContinuousClock.now < end {
            try await Task.sleep(for: min(.seconds(1), end - .now))
            if isatty(2) == 1 { complain(memory.line, .info) }
        }
        await prober.close()
        try archive?.close()
        let used = (process: SystemClock.processSeconds - began, thread: prober.processorSeconds)
        let trials = try findings(memory, lanes).trials
        let found = trials.flatMap(\.lanes).filter { $0.lane.role == .probe }
        for lane in found { json ? print(Self.json(lane)) : say(Self.text(lane)) }
        let requests = max(1, found.reduce(0) { $0 + $1.slots })
        let cost = (used.process / Double(requests) * 1e6, used.thread / Double(requests) * 1e6)
        print(
            json
                ? "{\"requests\":\(requests),\"processMicros\":\(Self.tenths(cost.0)),\"threadMicros\":\(Self.tenths(cost.1)),\"scheduling\":\"\(prober.scheduling)\"}"
                : "processor time per request: \(Self.tenths(cost.0)) µs, of which the probing thread \(Self.tenths(cost.1)) µs; \(prober.scheduling)"
        )
        if found.contains(where: { $0.bad > 0 || $0.good == 0 }) { throw ExitCode(1) }
    }

    private func findings(_ memory: ProbeMemory, _ lanes: [Lane]) throws -> Findings {
        let plan = Plan(name: "probe", clusters: [], cells: [])
        if let out { return try Analyser(try ArchiveReader(directory: out), plan: plan).findings() }
        let (samples, texts, events) = memory.everything
        let timeline = MemoryTimeline(
            info: RunInfo(id: "probe", planName: "probe"), lanes: lanes, events: events, texts: [""] + texts,
            samples: samples.mapValues { $0.sorted { $0.sequence < $1.sequence } })
        return try Analyser(timeline, plan: plan).findings()
    }

    /// As beside the lanes of a run: twenty requests a second.
    private static func control(_ server: LoopbackServer, _ id: UInt32) throws -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: id), trial: 0, role: .loopback, traffic: "control", from: "here", to: "here",
                mode: .new, url: "http://127.0.0.1:\(server.port)/", period: .milliseconds(50), origin: .origin),
            expectedCluster: LoopbackServer.name)
    }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    private func archive(in directory: String) throws -> ArchiveWriter {
        do throws(ArchiveError) {
            return try ArchiveWriter(directory: directory, info: RunInfo(id: "probe", planName: "probe"))
        } catch {
            throw Failure(error.code == .directory ? .usage : .internalError, "--out \(directory): \(error)")
        }
    }

    private func spec(_ name: String, _ id: LaneID) throws -> LaneSpec {
        guard let mode = ConnectionMode(rawValue: name), let rate = Quantity.laneRate(rate),
            let deadline = Quantity.duration(deadline), let timeout = Quantity.duration(timeout)
        else { throw Failure(.internalError, "an option was taken that cannot be read") }
        let lane = Lane(
            id: id, trial: 0, traffic: "probe", from: "here", to: expectCluster ?? "there", mode: mode, url: url,
            period: .seconds(1 / rate), deadline: deadline, timeout: timeout, origin: .origin)
        let address = connectTo.flatMap(HostPort.init).map { ProbeAddress(host: $0.host, port: $0.port) }
        return LaneSpec(
            lane: lane, address: address, method: method, headers: headers(), body: body,
            pooledConnections: pooledConnections, expectedCluster: expectCluster, expectedStatus: expectStatus,
            authorities: try authorities(), verifies: !insecure)
    }

    private func headers() -> [String: String] {
        var fields: [String: String] = [:]
        for line in header {
            let sides = line.split(separator: ":", maxSplits: 1)
            fields[String(sides[0])] = sides.count > 1 ? String(sides[1].drop { $0 == " " }) : ""
        }
        return fields
    }

    private func authorities() throws -> String? {
        guard let caFile else { return nil }
        guard let data = FileManager.default.contents(atPath: caFile) else {
            throw Failure(.usage, "--ca-file: \(caFile) cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func millis(_ value: Duration?) -> Double {
        value.map { ($0 / .microseconds(10)).rounded() / 100 } ?? 0
    }

    private static func classes(_ lane: LaneFindings) -> [(String, Int)] { lane.classes.sorted { $0.key < $1.key } }

    private static func text(_ lane: LaneFindings) -> String {
        let classes = classes(lane).map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let share = lane.availability.map { "\(($0 * 10_000).rounded() / 100) %" } ?? "–"
        return """
            \(lane.lane.mode.rawValue): \(lane.slots) slots, \(lane.good) good (\(share)); \(classes)\(own(lane))
              latency p50 \(millis(lane.latency.percentile(0.5))) ms, p90 \(millis(lane.latency.percentile(0.9))) ms, \
            p99 \(millis(lane.latency.percentile(0.99))) ms; own lag p99 \(millis(lane.sendLag.percentile(0.99))) ms; \
            longest outage \(millis(lane.longestOutage?.estimate)) ms
            """
    }

    /// What is not the target's doing, and what became of long-lived connections; empty where there is nothing to say.
    private static func own(_ lane: LaneFindings) -> String {
        let parts = [
            (lane.suspect + lane.clientFailures, "excluded as the prober's own"),
            (lane.connectionsLost, "connections lost"), (lane.messagesLost, "messages lost with them"),
        ]
        return parts.filter { $0.0 > 0 }.map { "; \($0.0) \($0.1)" }.joined()
    }

    private static func json(_ lane: LaneFindings) -> String {
        let classes = classes(lane).map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
        return
            "{\"connections\":\"\(lane.lane.mode.rawValue)\",\"slots\":\(lane.slots),\"good\":\(lane.good),\"bad\":\(lane.bad),"
            + "\"suspect\":\(lane.suspect),\"clientFailures\":\(lane.clientFailures),"
            + "\"connectionsLost\":\(lane.connectionsLost),\"messagesLost\":\(lane.messagesLost),"
            + "\"classes\":{\(classes)},\"latencyP99Millis\":\(millis(lane.latency.percentile(0.99))),"
            + "\"sendLagP99Millis\":\(millis(lane.sendLag.percentile(0.99))),"
            + "\"longestOutageMillis\":\(millis(lane.longestOutage?.estimate))}"
    }
}

/// Keeps samples in memory, unless there is an archive.
private final class ProbeMemory: ProbeSink {
    private struct State {
        var samples: [LaneID: [Sample]] = [:]
        var events: [Event] = []
        var texts: [String] = []
        var servers: [ServingIdentity] = []
    }

    private let state = Mutex(State())
    private let archive: ArchiveWriter?

    /// - Parameter archive: takes the samples in this one's place, so that a long probe needs no more memory.
    init(_ archive: ArchiveWriter?) { self.archive = archive }

    func record(_ samples: [Sample]) {
        if let archive { return archive.append(samples) }
        state.withLock { state in
            for sample in samples { state.samples[sample.lane, default: []].append(sample) }
        }
    }

    func record(_ event: Event) {
        if let archive { return archive.append(event) }
        state.withLock { $0.events.append(event) }
    }

    func server(_ identity: ServingIdentity) -> UInt32 {
        if let archive { return archive.server(identity) }
        return state.withLock { state in
            state.servers.append(identity)
            return UInt32(state.servers.count)
        }
    }

    func text(_ text: String) -> UInt32 {
        if let archive { return archive.text(text) }
        return state.withLock { state in
            state.texts.append(text)
            return UInt32(state.texts.count)
        }
    }

    var everything: (samples: [LaneID: [Sample]], texts: [String], events: [Event]) {
        state.withLock { ($0.samples, $0.texts, $0.events) }
    }

    /// One line for those who watch.
    var line: String {
        state.withLock { state in
            state.samples.sorted { $0.key.rawValue < $1.key.rawValue }.map { lane, samples in
                "lane \(lane.rawValue): \(samples.count { $0.outcome == .ok }) of \(samples.count) good"
            }.joined(separator: "; ")
        }
    }
}
