import Glibc
import QuakeBase
import QuakeCurl
import QuakeRecord

/// The prober's loop and everything that it owns. Lives on one thread.
final class ProberThread: LaneHost {
    /// What other threads ask for.
    enum Command: Sendable {
        case start(LaneSpec, CheckedContinuation<Lane?, Never>)
        case stop(LaneID, at: RunInstant?, CheckedContinuation<Void, Never>)
        case move(LaneID, ProbeAddress?)
        case finish
    }

    private struct Waiter {
        var lane: LaneID
        var continuation: CheckedContinuation<Void, Never>
    }

    private let loop: EventLoop
    private let clock: RunClock
    private let sink: any ProbeSink
    private let take: () -> [Command]
    private var lanes: [any ActiveLane] = []
    private var waiters: [Waiter] = []
    private var owners: [ObjectIdentifier: (transfer: Transfer, lane: any ActiveLane)] = [:]
    private var sockets: [Int32: CurlMulti] = [:]
    private var timers: [ObjectIdentifier: (multi: CurlMulti, at: Int64)] = [:]
    private var batch: [Sample] = []
    private var nextFlush: Int64 = 0
    private var isFinishing = false
    private var watch = StallWatch()
    private let witness: StallWitness
    /// Whether this turn's stall has been recorded.
    private var hasTold = false
    /// Of the lanes under way, in nanoseconds.
    private var shortestDeadline = Int64.max
    /// When the answer being worked on came in.
    private var current: RunInstant?
    private var servers: [ServingIdentity: UInt32] = [:]
    private var texts: [String: UInt32] = [:]

    private static let flushInterval: Int64 = 100_000_000

    init(
        loop: EventLoop, clock: RunClock, sink: any ProbeSink, witness: StallWitness,
        take: @escaping () -> [Command]
    ) {
        self.loop = loop
        self.clock = clock
        self.sink = sink
        self.witness = witness
        self.take = take
    }

    func run() {
        while true {
            obey()
            sendDue()
            runTimers()
            settleWaiters()
            flush(force: isFinishing && lanes.isEmpty)
            if isFinishing, lanes.isEmpty { return }
            watch.sleeps(until: armTimer())
            witness.mark()
            var hasWoken = false
            loop.wait { descriptor, found in
                if !hasWoken { noteStall() }
                hasWoken = true
                work(on: descriptor, found)
                // Thousands of answers may be there at once; what is due meanwhile does not wait for the last one.
                sendDue()
            }
            if !hasWoken { noteStall() }
            // A socket whose last transfer ended is no longer in `sockets`.
            collectAll()
        }
    }

    private func work(on descriptor: Int32, _ found: CurlMulti.Interest) {
        guard let multi = sockets[descriptor] else { return }
        if found == .read, let age = SocketAge.nanosSinceData(descriptor) {
            current = clock.now + .nanoseconds(-age)
        }
        multi.act(on: descriptor, found)
        collect(multi)
        current = nil
    }

    /// Seconds in which this thread stood still are no evidence against anybody: a request may have waited for it.
    private func noteStall() {
        hasTold = false
        // Half of the shortest deadline: less makes no answer late.
        guard let stall = watch.woke(limit: shortestDeadline / 2), !lanes.isEmpty else { return }
        let longest = lanes.map(\.spec.lane.deadlineNanoseconds).max() ?? 0
        let start = RunInstant(nanoseconds: stall.start - clock.originNanoseconds)
        let evidence = witness.evidence(from: stall.start, to: stall.end)
        hasTold = true
        for trial in Set(lanes.map(\.spec.lane.trial)) {
            record(
                // What was under way when it began had been due for no longer than its deadline.
                .suspect(
                    from: start + .nanoseconds(-longest), to: clock.now, reason: evidence.words, evidence: evidence),
                trial: trial)
        }
    }

    /// Tells why, once a turn: the other slots that are late by then are so for the same reason. The second is suspect anyway,
    /// by the slot itself.
    func isLate(_ lane: Lane, due: RunInstant, at now: RunInstant) {
        guard !hasTold else { return }
        hasTold = true
        let origin = clock.originNanoseconds
        let evidence = witness.evidence(from: due.nanoseconds + origin, to: now.nanoseconds + origin)
        record(.suspect(from: due, to: due, reason: evidence.words, evidence: evidence), trial: lane.trial)
    }

    // MARK: - Commands

    private func obey() {
        for command in take() {
            switch command {
            case .start(var spec, let continuation):
                spec.lane.origin = spec.startsAt ?? clock.now + .milliseconds(5)
                do throws(ProbeError) {
                    lanes.append(try lane(spec))
                    shortestDeadline = min(shortestDeadline, spec.lane.deadlineNanoseconds)
                    continuation.resume(returning: spec.lane)
                } catch {
                    continuation.resume(returning: nil)
                }
            case .stop(let id, let moment, let continuation):
                lane(id)?.stop(at: moment ?? clock.now)
                waiters.append(Waiter(lane: id, continuation: continuation))
            case .move(let id, let address): lane(id)?.move(to: address)
            case .finish:
                isFinishing = true
                for lane in lanes { lane.stop(at: clock.now) }
            }
        }
    }

    private func lane(_ spec: LaneSpec) throws(ProbeError) -> any ActiveLane {
        switch spec.lane.mode {
        case .new, .pooled: try LaneRun(spec, host: self) { () throws(ProbeError) in try makeMulti() }
        case .stream: try StreamRun(spec, host: self) { () throws(ProbeError) in try makeMulti() }
        }
    }

    private func lane(_ id: LaneID) -> (any ActiveLane)? { lanes.first { $0.spec.lane.id == id } }

    private func settleWaiters() {
        let before = lanes.count
        lanes.removeAll { lane in
            guard lane.isDrained else { return false }
            lane.close()
            owners = owners.filter { $0.value.lane !== lane }
            return true
        }
        if lanes.count < before {
            shortestDeadline = lanes.map(\.spec.lane.deadlineNanoseconds).min() ?? .max
        }
        // Those of lanes that ended: a run has thousands, one trial's after another's.
        if lanes.isEmpty { touched = [:] }
        guard waiters.contains(where: { lane($0.lane) == nil }) else { return }
        flush(force: true)
        waiters.removeAll { waiter in
            guard lane(waiter.lane) == nil else { return false }
            waiter.continuation.resume()
            return true
        }
    }

    // MARK: - Time

    private func sendDue() {
        for lane in lanes {
            while let moment = lane.nextWake {
                let now = clock.now
                guard moment <= now else { break }
                lane.wake(at: now)
            }
        }
    }

    private func runTimers() {
        let now = SystemClock.monotonic
        for (key, timer) in timers where timer.at <= now {
            timers[key] = nil
            timer.multi.timeOut()
            collect(timer.multi)
        }
    }

    /// - Returns: the moment of the monotonic clock that it was set to.
    private func armTimer() -> Int64 {
        var earliest = batch.isEmpty ? Int64.max : nextFlush
        for lane in lanes {
            guard let moment = lane.nextWake else { continue }
            earliest = min(earliest, moment.nanoseconds + clock.originNanoseconds)
        }
        for timer in timers.values { earliest = min(earliest, timer.at) }
        // Nothing to do: look again in a second all the same.
        if earliest == .max { earliest = SystemClock.monotonic + 1_000_000_000 }
        loop.arm(earliest)
        return earliest
    }

    // MARK: - libcurl

    private func makeMulti() throws(ProbeError) -> CurlMulti {
        let multi: CurlMulti
        do throws(CurlError) {
            multi = try CurlMulti()
        } catch {
            throw ProbeError(.setUp, "\(error)")
        }
        multi.onInterest = { [unowned self, unowned multi] descriptor, interest in
            loop.watch(descriptor, interest)
            sockets[descriptor] = interest == nil ? nil : multi
        }
        multi.onTimer = { [unowned self, unowned multi] milliseconds in
            let key = ObjectIdentifier(multi)
            timers[key] =
                milliseconds < 0
                ? nil : (multi, SystemClock.monotonic + Int64(milliseconds) * 1_000_000)
        }
        return multi
    }

    func kick(_ multi: CurlMulti) {
        timers[ObjectIdentifier(multi)] = nil
        multi.timeOut()
        collect(multi)
    }

    func own(_ transfer: Transfer, _ lane: any ActiveLane, _ multi: CurlMulti) {
        owners[ObjectIdentifier(transfer.easy)] = (transfer, lane)
        touched[ObjectIdentifier(multi)] = multi
    }

    /// Multi handles with transfers, to be asked for ended ones.
    private var touched: [ObjectIdentifier: CurlMulti] = [:]

    private func collectAll() {
        for multi in touched.values { collect(multi) }
    }

    private func collect(_ multi: CurlMulti) {
        while let (easy, code) = multi.nextFinished() {
            // Facts are read before the handle leaves its multi.
            let owner = owners[ObjectIdentifier(easy)]
            multi.remove(easy)
            guard let owner else { continue }
            // How a failure was found out is this thread's doing; when a right answer came is not.
            let done = code == .ok ? max(arrival, owner.transfer.sent) : clock.now
            owner.lane.finished(owner.transfer, code, at: done)
        }
    }

    // MARK: - Records

    var arrival: RunInstant { current ?? clock.now }

    func record(_ sample: Sample) {
        if batch.isEmpty { nextFlush = SystemClock.monotonic + Self.flushInterval }
        batch.append(sample)
    }

    func record(_ what: Event.What, trial: Int) { sink.record(Event(at: clock.now, trial: trial, what)) }

    func server(_ identity: ServingIdentity) -> UInt32 {
        if let known = servers[identity] { return known }
        let index = sink.server(identity)
        servers[identity] = index
        return index
    }

    func text(_ text: String) -> UInt32 {
        if let known = texts[text] { return known }
        let index = sink.text(text)
        texts[text] = index
        return index
    }

    private func flush(force: Bool = false) {
        guard !batch.isEmpty, force || batch.count >= 512 || SystemClock.monotonic >= nextFlush else {
            return
        }
        sink.record(batch)
        batch.removeAll(keepingCapacity: true)
    }
}
