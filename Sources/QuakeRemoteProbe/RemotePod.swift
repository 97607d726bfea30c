import FoundationEssentials
import QuakeBase
import QuakeKube
import QuakeProbe
import QuakeProbeWire
import QuakeRecord
import Synchronization

/// The runner's side of one prober in a pod: reached through the API server's proxy, and through nothing else.
///
/// Its records come by cursor: a reading that breaks is taken up where it was, each number is taken once, and numbers
/// that never come are told as a gap.
final class RemotePod: Sendable {
    private struct State {
        /// The next record to ask for.
        var cursor: UInt64 = 0
        var incarnation: String?
        /// Lane → how far its clock's origin lies behind the run's, and which slots are this prober's.
        var placed: [LaneID: (shift: Duration, share: LaneShare)] = [:]
        /// When records last came.
        var heard: RunInstant
        /// Indexes of the pod's tables → the sink's.
        var servers: [UInt32: UInt32] = [:]
        var texts: [UInt32: UInt32] = [:]
    }

    /// Half of the quickest exchange of those made: the clocks are related to within it.
    struct ClockRelation: Sendable {
        var shift: Duration
        var bound: Duration
    }

    let name: String
    private let kube: KubeClient
    private let path: String
    private let clock: RunClock
    private let sink: any ProbeSink
    private let state: Mutex<State>
    /// One reading at a time.
    private let reading = Mutex<Task<Bool, Never>?>(nil)

    init(_ kube: KubeClient, namespace: String, pod: String, clock: RunClock, sink: any ProbeSink) {
        self.kube = kube
        name = pod
        path = ResourcePath.pod(namespace, "\(pod):\(ProberAPI.port)").subresource("proxy").path
        self.clock = clock
        self.sink = sink
        state = Mutex(State(heard: clock.now))
    }

    // MARK: - Requests

    private func get<Answer: Decodable>(_ what: String, query: [(String, String)] = []) async throws -> Answer {
        let answer = try await kube.raw("GET", path + what, query: query, timeout: .seconds(5))
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    }

    private func post<Answer: Decodable>(
        _ what: String, query: [(String, String)] = [], _ body: [UInt8], timeout: Duration
    ) async throws -> Answer {
        let answer = try await kube.raw("POST", path + what, query: query, body: body, timeout: timeout)
        return try JSONDecoder().decode(Answer.self, from: Data(answer.body))
    }

    /// Relates the two clocks by the quickest of some exchanges (Cristian's algorithm).
    func relate(exchanges: Int = 9) async throws -> ClockRelation {
        var best: ClockRelation?
        for _ in 0..<exchanges {
            let sent = clock.now
            let theirs: WireClock = try await get("/clock")
            let bound = (clock.now - sent) / 2
            if bound < best?.bound ?? .seconds(3600) {
                let middle = sent + bound
                best = ClockRelation(shift: .nanoseconds(middle.nanoseconds - theirs.nanoseconds), bound: bound)
            }
        }
        guard let best else { throw ProbeError(.setUp, "\(name): no exchange of clocks") }
        return best
    }

    /// What is in force where it runs, by its own word; `nil` of an agent that does not tell, or not now.
    func conditions() async -> ProberConditions? {
        do {
            let told: ProberConditions = try await get("/conditions")
            return told
        } catch {
            return nil
        }
    }

    /// Ends the lanes of a run whose runner was killed: the clusters are locked, so none is another's. Returns when their last
    /// requests have ended. An agent of an earlier version refuses, and its lanes go on.
    func endEarlierLanes() async throws {
        do {
            // Requests may hang for as long as their plan lets them.
            let _: WireEnd = try await post("/lanes/stop", [], timeout: .seconds(90))
        } catch let error as KubeError where error.code == .notFound {}
    }

    /// Takes over whatever an earlier run left: it is nobody's by now.
    func begin() async throws {
        try await endEarlierLanes()
        let page: WirePage = try await get("/records", query: [("cursor", String(UInt64.max >> 1))])
        state.withLock { state in
            state.incarnation = page.incarnation
            state.cursor = page.next
            state.heard = clock.now
        }
    }

    /// Starts this prober's share of a lane. Returns the whole lane, as it began by this prober's word.
    ///
    /// - Parameter origin: when the whole lane's slot 0 is due, on the run's clock.
    func start(
        _ spec: LaneSpec, _ relation: ClockRelation, share: LaneShare = LaneShare(index: 0, count: 1),
        origin: RunInstant? = nil
    ) async throws(ProbeError) -> Lane {
        do {
            let own = share.spec(spec, origin: origin, shift: relation.shift)
            var lane: Lane = try await post(
                "/lanes", Array(try JSONEncoder().encode(own)), timeout: .seconds(15))
            lane.periodNanoseconds = spec.lane.periodNanoseconds
            lane.origin = origin ?? lane.origin + relation.shift
            state.withLock { $0.placed[lane.id] = (relation.shift, share) }
            return lane
        } catch {
            throw ProbeError(.lane, "\(name): \(error)")
        }
    }

    /// Returns when the lane's last record is with the sink, or cannot be had within `limit`.
    ///
    /// - Parameter moment: on the run's clock; what is due before it is sent. `nil`: when the prober hears of it.
    func stop(_ id: LaneID, at moment: RunInstant? = nil, within limit: Duration = .seconds(30)) async {
        // A task of its own: records are fetched even where the caller is cancelled.
        let last = Task { [self] in try await awaitLast(id, at: moment, within: limit) }
        guard case .failure(let error) = await last.result else { return }
        let heard = state.withLock { $0.heard }
        let seen = (error as? PollTimeout)?.last ?? "\(error)"
        sink.record(
            Event(
                at: clock.now,
                .gap(from: heard, to: clock.now, reason: "\(name) does not hand out its last records: \(seen)")))
    }

    private func awaitLast(_ id: LaneID, at moment: RunInstant?, within limit: Duration) async throws {
        let began = ContinuousClock.now
        let shift = state.withLock { $0.placed[id]?.shift } ?? .zero
        let query = moment.map { [("at", String(($0 + (.zero - shift)).nanoseconds))] } ?? []
        var end: WireEnd?
        try await poll(until: "\(name): its last records", within: limit, every: .milliseconds(100)) {
            () -> Look<Void> in
            if end == nil {
                // One request may take all the time there is, and leaves the last look a second.
                let left = max(limit - (ContinuousClock.now - began), .seconds(1))
                end = try? await post("/lanes/\(id.rawValue)/stop", query: query, [], timeout: left)
            }
            guard let end else { return .notYet("it does not answer the request to stop") }
            guard await read() else { return .notYet("it does not answer when asked for records") }
            let cursor = state.withLock { $0.cursor }
            return cursor >= end.next ? .met(()) : .notYet("records up to \(cursor) of \(end.next)")
        }
    }

    // MARK: - Records

    /// Reads all that is there. Returns whether the pod answered.
    @discardableResult
    func read() async -> Bool {
        let task = reading.withLock { current in
            let before = current
            let next = Task { [self] in
                _ = await before?.value
                return await readPages()
            }
            current = next
            return next
        }
        return await task.value
    }

    private func readPages() async -> Bool {
        while true {
            let cursor = state.withLock { $0.cursor }
            guard let page: WirePage = try? await get("/records", query: [("cursor", String(cursor))]) else {
                return false
            }
            take(page)
            if page.records.count < ProberAPI.page { return true }
        }
    }

    private func take(_ page: WirePage) {
        let (restarted, since) = state.withLock { state in
            defer { state.incarnation = page.incarnation }
            return (state.incarnation.map { $0 != page.incarnation } ?? false, state.heard)
        }
        if restarted {
            sink.record(
                Event(
                    at: clock.now,
                    .gap(from: since, to: clock.now, reason: "\(name) restarted: its lanes ended with it")))
        }
        for record in page.records {
            let expected = state.withLock { $0.cursor }
            guard record.number >= expected else { continue }
            if record.number > expected {
                sink.record(
                    Event(
                        at: clock.now,
                        .gap(
                            from: since, to: clock.now,
                            reason: "records \(expected) to \(record.number - 1) of \(name) are lost")))
            }
            state.withLock { $0.cursor = record.number + 1 }
            take(record.content)
        }
        state.withLock { $0.heard = clock.now }
    }

    private func take(_ content: WireRecord.Content) {
        switch content {
        case .server(let index, let identity):
            let known = sink.server(identity)
            state.withLock { $0.servers[index] = known }
        case .text(let index, let text):
            let known = sink.text(text)
            state.withLock { $0.texts[index] = known }
        case .event(var event):
            // What is about the prober itself is about all of its lanes, whose clocks were related alike.
            let placed = state.withLock { state in
                event.lane.map { state.placed[$0] } ?? state.placed.max { $0.key.rawValue < $1.key.rawValue }?.value
            }
            guard let placed else { return }
            event.at = event.at + placed.shift
            switch event.what {
            case .suspect(let from, let to, let reason, let evidence):
                event.what = .suspect(
                    from: from + placed.shift, to: to + placed.shift, reason: reason, evidence: evidence)
            case .connectionClosed(let lane, let connection, let sequence, let reason):
                event.what = .connectionClosed(
                    lane: lane, connection: placed.share.connection(connection),
                    sequence: placed.share.sequence(sequence), reason: reason)
            default: break
            }
            sink.record(event)
        case .samples(let samples):
            let moved = state.withLock { state in
                samples.compactMap { wire -> Sample? in
                    guard let placed = state.placed[wire.sample.lane] else { return nil }
                    var sample = wire.sample.shifted(by: placed.shift)
                    sample.sequence = placed.share.sequence(sample.sequence)
                    sample.connection = placed.share.connection(sample.connection)
                    sample.server = state.servers[sample.server] ?? 0
                    sample.text = state.texts[sample.text] ?? 0
                    return sample
                }
            }
            if !moved.isEmpty { sink.record(moved) }
        }
    }
}

extension Event {
    /// The lane that a prober's event is about.
    fileprivate var lane: LaneID? {
        switch what {
        case .connectionClosed(let lane, _, _, _), .connectionOpened(let lane, _, _), .messagesLost(let lane, _, _, _),
            .laneStarted(let lane), .laneStopped(let lane):
            lane
        default: nil
        }
    }
}
