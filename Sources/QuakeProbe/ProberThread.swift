import Glibc
import QuakeCurl
import QuakeTimeline

/// The prober's loop and everything that it owns. Lives on one thread.
final class ProberThread: LaneHost {
    /// What other threads ask for.
    enum Command: Sendable {
        case start(LaneSpec, CheckedContinuation<Lane?, Never>)
        case stop(LaneID, CheckedContinuation<Void, Never>)
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
    private var lanes: [LaneRun] = []
    private var waiters: [Waiter] = []
    private var owners: [ObjectIdentifier: (transfer: Transfer, lane: LaneRun)] = [:]
    private var sockets: [Int32: CurlMulti] = [:]
    private var timers: [ObjectIdentifier: (multi: CurlMulti, at: Int64)] = [:]
    private var batch: [Sample] = []
    private var nextFlush: Int64 = 0
    private var isFinishing = false
    private var servers: [ServingIdentity: UInt32] = [:]
    private var texts: [String: UInt32] = [:]

    private static let flushInterval: Int64 = 100_000_000

    init(loop: EventLoop, clock: RunClock, sink: any ProbeSink, take: @escaping () -> [Command]) {
        self.loop = loop
        self.clock = clock
        self.sink = sink
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
            armTimer()
            loop.wait { descriptor, found in
                sockets[descriptor]?.act(on: descriptor, found)
                if let multi = sockets[descriptor] { collect(multi) }
            }
            // A socket whose last transfer ended is no longer in `sockets`.
            collectAll()
        }
    }

    // MARK: - Commands

    private func obey() {
        for command in take() {
            switch command {
            case .start(var spec, let continuation):
                spec.lane.origin = clock.now + .milliseconds(5)
                do throws(ProbeError) {
                    lanes.append(try LaneRun(spec, host: self) { () throws(ProbeError) in try makeMulti() })
                    continuation.resume(returning: spec.lane)
                } catch {
                    continuation.resume(returning: nil)
                }
            case .stop(let id, let continuation):
                lane(id)?.stop(at: clock.now)
                waiters.append(Waiter(lane: id, continuation: continuation))
            case .move(let id, let address): lane(id)?.move(to: address)
            case .finish:
                isFinishing = true
                for lane in lanes { lane.stop(at: clock.now) }
            }
        }
    }

    private func lane(_ id: LaneID) -> LaneRun? { lanes.first { $0.spec.lane.id == id } }

    private func settleWaiters() {
        lanes.removeAll { lane in
            guard lane.isDrained else { return false }
            owners = owners.filter { $0.value.lane !== lane }
            return true
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
            while let due = lane.nextDue {
                let now = clock.now
                guard due <= now else { break }
                lane.send(at: now)
            }
        }
    }

    private func runTimers() {
        let now = RunClock.monotonicNanoseconds()
        for (key, timer) in timers where timer.at <= now {
            timers[key] = nil
            timer.multi.timeOut()
            collect(timer.multi)
        }
    }

    private func armTimer() {
        var earliest = batch.isEmpty ? Int64.max : nextFlush
        for lane in lanes {
            guard let due = lane.nextDue else { continue }
            earliest = min(earliest, due.nanoseconds + clock.originNanoseconds)
        }
        for timer in timers.values { earliest = min(earliest, timer.at) }
        // Nothing to do: look again in a second all the same.
        loop.arm(earliest == .max ? RunClock.monotonicNanoseconds() + 1_000_000_000 : earliest)
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
                ? nil : (multi, RunClock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000)
        }
        return multi
    }

    func kick(_ multi: CurlMulti) {
        timers[ObjectIdentifier(multi)] = nil
        multi.timeOut()
        collect(multi)
    }

    func own(_ transfer: Transfer, _ lane: LaneRun, _ multi: CurlMulti) {
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
            let done = clock.now
            // Facts are read before the handle leaves its multi.
            let owner = owners[ObjectIdentifier(easy)]
            multi.remove(easy)
            if let owner { owner.lane.finished(owner.transfer, code, at: done) }
        }
    }

    // MARK: - Records

    func record(_ sample: Sample) {
        if batch.isEmpty { nextFlush = RunClock.monotonicNanoseconds() + Self.flushInterval }
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
        guard !batch.isEmpty, force || batch.count >= 512 || RunClock.monotonicNanoseconds() >= nextFlush else {
            return
        }
        sink.record(batch)
        batch.removeAll(keepingCapacity: true)
    }
}
