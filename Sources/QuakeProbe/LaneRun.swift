import QuakeCurl
import QuakeRecord

/// A lane of requests under way, over fresh or pinned connections. Belongs to the prober's thread.
final class LaneRun: ActiveLane {
    private(set) var spec: LaneSpec
    private var slots: SlotCounter
    private var inFlight = 0
    private var connections: UInt32 = 0
    private let shared: CurlMulti
    private var pinned: [PinnedConnection] = []
    private var turn = 0
    private var idle: [Transfer] = []
    private let host: any LaneHost
    /// Of a request, in nanoseconds.
    private let timeout: Int64

    /// - Parameter makeMulti: gives a multi handle that is hooked into the loop.
    init(_ spec: LaneSpec, host: any LaneHost, makeMulti: () throws(ProbeError) -> CurlMulti) throws(ProbeError) {
        self.spec = spec
        self.host = host
        slots = SlotCounter(spec.lane)
        timeout = spec.lane.timeout.inNanoseconds
        shared = try makeMulti()
        shared.setConnectionCache(1)
        if spec.lane.mode == .pooled {
            for _ in 0..<max(1, spec.pooledConnections) {
                let multi = try makeMulti()
                multi.setConnectionCache(1)
                pinned.append(PinnedConnection(multi: multi, transfer: try Transfer(spec)))
            }
            for connection in pinned { connection.transfer.move(to: spec.address) }
        }
    }

    var nextWake: RunInstant? { slots.nextDue }
    var isDrained: Bool { slots.nextDue == nil && inFlight == 0 }

    func stop(at moment: RunInstant) { slots.stop(at: moment) }

    func move(to address: ProbeAddress?) {
        spec.address = address
        for connection in pinned { connection.transfer.move(to: address) }
        for transfer in idle { transfer.move(to: address) }
    }

    func close() {}

    /// Sends the next slot, which is due.
    func wake(at now: RunInstant) {
        let slot = slots.take()
        if slots.isLate(slot.due, at: now) { host.isLate(spec.lane, due: slot.due, at: now) }
        let deadline = slot.due.nanoseconds + spec.lane.deadlineNanoseconds
        guard now.nanoseconds <= deadline, inFlight < slots.limit, let (transfer, multi) = carrier() else {
            return host.recordOverload(spec.lane.id, slot, at: now)
        }
        let (pin, isExtra) = (transfer.pinned, transfer.isExtra)
        transfer.prepare(slot.sequence, due: slot.due, sent: now)
        transfer.pinned = pin
        transfer.isExtra = isExtra
        let left = max(1, Int((slot.due.nanoseconds + timeout - now.nanoseconds) / 1_000_000))
        transfer.easy.setTimeout(milliseconds: left)
        transfer.easy.setConnectTimeout(milliseconds: left)
        inFlight += 1
        multi.add(transfer.easy)
        host.kick(multi)
    }

    /// A handle for the next request, and where it runs.
    private func carrier() -> (Transfer, CurlMulti)? {
        if spec.lane.mode == .pooled {
            for offset in 0..<pinned.count {
                let connection = pinned[(turn + offset) % pinned.count]
                guard !connection.isBusy else { continue }
                turn = (turn + offset + 1) % pinned.count
                connection.isBusy = true
                connection.transfer.pinned = connection
                connection.transfer.isExtra = false
                host.own(connection.transfer, self, connection.multi)
                return (connection.transfer, connection.multi)
            }
        }
        guard let transfer = idle.popLast() ?? freshTransfer() else { return nil }
        transfer.pinned = nil
        transfer.isExtra = spec.lane.mode == .pooled
        host.own(transfer, self, shared)
        return (transfer, shared)
    }

    private func freshTransfer() -> Transfer? {
        guard let transfer = try? Transfer(spec) else { return nil }
        transfer.move(to: spec.address)
        transfer.easy.setFreshConnect(true)
        transfer.easy.setForbidReuse(true)
        // Or a few hundred connections a second would run out of ports through TIME_WAIT.
        transfer.easy.resetsOnClose = true
        return transfer
    }

    func finished(_ transfer: Transfer, _ code: CurlCode, at done: RunInstant) {
        inFlight -= 1
        transfer.finish(code, at: done, deadline: spec.lane.deadline)
        let outcome = Classifier.outcome(
            of: transfer.facts, expectedStatus: spec.expectedStatus, expectedCluster: spec.expectedCluster)
        if spec.lane.role == .loopback, outcome != .ok { tellFailedControl(transfer, outcome) }
        let number = connectionNumber(of: transfer, outcome)
        host.record(sample(of: transfer, outcome, number, at: done))
        if let pin = transfer.pinned {
            pin.isBusy = false
        } else {
            idle.append(transfer)
        }
    }

    /// Its second is suspect anyway, by the slot itself: this is why.
    private func tellFailedControl(_ transfer: Transfer, _ outcome: Outcome) {
        let reason = "the prober's loopback control failed: \(outcome.name)"
        host.record(.suspect(from: transfer.due, to: transfer.due, reason: reason), trial: spec.lane.trial)
    }

    /// Numbers a new connection, and tells of a pinned one that was lost.
    private func connectionNumber(of transfer: Transfer, _ outcome: Outcome) -> UInt32 {
        let isFresh = transfer.facts.connects > 0 || transfer.facts.requests > 1
        guard let pin = transfer.pinned else {
            guard isFresh else { return 0 }
            connections += 1
            return connections
        }
        let before = pin.number
        if isFresh {
            if before != 0 { lost(before, transfer.sequence, outcome == .hiddenRetry ? "reset" : "closed while idle") }
            connections += 1
            pin.number = connections
        }
        let current = pin.number
        // libcurl drops a connection whose transfer failed; one that answered wrongly or late stays.
        if transfer.facts.code != 0 {
            // A redial that fails loses nothing: its connection never answered.
            if before != 0, !isFresh { lost(before, transfer.sequence, outcome.name) }
            pin.number = 0
            return isFresh || before != 0 ? current : 0
        }
        return current
    }

    private func lost(_ connection: UInt32, _ sequence: UInt64, _ reason: String) {
        host.record(
            .connectionClosed(lane: spec.lane.id, connection: connection, sequence: sequence, reason: reason),
            trial: spec.lane.trial)
    }

    private func sample(
        of transfer: Transfer, _ outcome: Outcome, _ number: UInt32, at done: RunInstant
    ) -> Sample {
        let easy = transfer.easy
        // By their bits: what a set of another module offers is looked up for each request.
        let isReused = transfer.facts.connects == 0 && transfer.facts.requests > 0
        let flags = Sample.Flags(
            rawValue: (isReused ? Sample.Flags.reused.rawValue : 0)
                | (transfer.isExtra ? Sample.Flags.extraConnection.rawValue : 0))
        func moment(_ micros: Int64) -> RunInstant? { micros > 0 ? transfer.sent + .microseconds(micros) : nil }
        let isAnswered = !transfer.identity.cluster.isEmpty
        return Sample(
            lane: spec.lane.id, sequence: transfer.sequence, due: transfer.due, sent: transfer.sent,
            connected: transfer.facts.connects > 0 ? moment(easy.connectMicros) : nil,
            firstByte: transfer.facts.status != 0 ? moment(easy.startTransferMicros) : nil, done: done,
            outcome: outcome, flags: flags, httpStatus: UInt16(clamping: transfer.facts.status),
            errno: outcome == .ok ? 0 : max(transfer.facts.errno, transfer.facts.socketErrno),
            localPort: UInt16(clamping: max(0, transfer.localPort)), connection: number,
            server: isAnswered ? host.server(transfer.identity) : 0,
            text: outcome == .ok ? 0 : host.text(transfer.words(for: outcome)))
    }
}
