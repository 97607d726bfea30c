import QuakeBase
import QuakeCurl
import QuakeRecord

/// A stream lane under way: each slot is a numbered message over one long-lived connection, which the server sends back.
///
///     POST url, chunked:   "17\n" "18\n" …  ─►
///                      ◄─  200, chunked: "17\n" "18\n" …
///
/// Slot n is good if message n is back by its due time + D. A connection whose oldest message has waited for the hard
/// time-out is given up, as a pooled one is. Whatever had not come back over a connection that ends is lost with it, and
/// is not sent again: nobody could tell whether the server had seen it. The next slot dials anew, and messages that come
/// up meanwhile wait for that dial and share its fate. Belongs to the prober's thread.
final class StreamRun: ActiveLane {
    private struct Message {
        var sequence: UInt64
        var due: RunInstant
        var sent: RunInstant
        var flags: Sample.Flags
    }

    private(set) var spec: LaneSpec
    private var slots: SlotCounter
    private let host: any LaneHost
    private let multi: CurlMulti
    private let transfer: Transfer
    private let stream: MessageStream
    /// Sent and not back yet, in the order of their numbers.
    private var waiting: [Message] = []
    private var isUp = false
    /// libcurl reads no more: the server has ended its answer. By itself libcurl would go on sending.
    private var hasEnded = false
    /// Numbers connections from 1; of the one that stands, or the last.
    private var number: UInt32 = 0
    /// Messages that came back over it.
    private var answered = 0

    init(_ spec: LaneSpec, host: any LaneHost, makeMulti: () throws(ProbeError) -> CurlMulti) throws(ProbeError) {
        self.spec = spec
        self.host = host
        slots = SlotCounter(spec.lane)
        multi = try makeMulti()
        multi.setConnectionCache(1)
        transfer = try Transfer(spec)
        stream = MessageStream(transfer.easy, spec)
        transfer.move(to: spec.address)
        let onInterest = multi.onInterest
        multi.onInterest = { [unowned self] descriptor, interest in
            onInterest?(descriptor, interest)
            // From the request on, it reads for as long as there is something to come.
            hasEnded = transfer.facts.requests > 0 && interest?.has(.read) != true
        }
        transfer.easy.onBody = { [unowned self] bytes in
            // An error's page is no stream; the status is what counts.
            guard transfer.easy.responseCode == self.spec.expectedStatus else { return true }
            let arrival = self.host.arrival
            return stream.read(bytes) { back($0, at: arrival) }
        }
    }

    var isDrained: Bool { slots.nextDue == nil && waiting.isEmpty }

    var nextWake: RunInstant? {
        if isUp, hasEnded { return .origin }
        guard let expiry = waiting.first.map({ $0.due + spec.lane.timeout }) else { return slots.nextDue }
        return min(slots.nextDue ?? expiry, expiry)
    }

    func wake(at now: RunInstant) {
        if isUp, hasEnded {
            multi.remove(transfer.easy)
            finished(transfer, transfer.easy.responseCode == 0 ? .gotNothing : .partialFile, at: now)
        } else if let first = waiting.first, first.due + spec.lane.timeout <= now {
            multi.remove(transfer.easy)
            finished(transfer, .operationTimedOut, at: now)
        } else {
            send(at: now)
        }
    }

    func stop(at moment: RunInstant) { slots.stop(at: moment) }

    func move(to address: ProbeAddress?) {
        spec.address = address
        transfer.move(to: address)
    }

    func close() {
        if isUp { multi.remove(transfer.easy) }
        isUp = false
    }

    // MARK: - There

    private func send(at now: RunInstant) {
        let slot = slots.take()
        if slots.isLate(slot.due, at: now) { host.isLate(spec.lane, due: slot.due, at: now) }
        guard now <= slot.due + spec.lane.deadline, waiting.count < slots.limit else {
            return host.recordOverload(spec.lane.id, slot, at: now)
        }
        var message = Message(sequence: slot.sequence, due: slot.due, sent: now, flags: [])
        if !isUp {
            dial(for: message)
        } else if answered == 0 {
            message.flags.insert(.waited)
        }
        waiting.append(message)
        stream.write(slot.sequence)
        host.kick(multi)
    }

    private func dial(for message: Message) {
        transfer.prepare(message.sequence, due: message.due, sent: message.sent)
        stream.begin()
        hasEnded = false
        answered = 0
        number += 1
        let left = (message.due + spec.lane.timeout) - message.sent
        transfer.easy.setConnectTimeout(milliseconds: max(1, Int(left.inMilliseconds)))
        isUp = true
        host.own(transfer, self, multi)
        multi.add(transfer.easy)
    }

    // MARK: - And back

    /// - Returns: `false` for what is no message under way, which ends the connection.
    private func back(_ sequence: UInt64?, at now: RunInstant) -> Bool {
        guard let sequence, let place = waiting.firstIndex(where: { $0.sequence == sequence }) else { return false }
        // What was left out will not come: the others have overtaken it on one connection.
        if place > 0 { lose(place, .body, "left out of the stream", at: now) }
        guard let message = waiting.first else { return false }
        waiting.removeFirst()
        answered += 1
        if answered == 1, number > 1 {
            host.record(
                .connectionOpened(lane: spec.lane.id, connection: number, sequence: sequence), trial: spec.lane.trial)
        }
        let outcome = outcome(of: message, at: now)
        record(message, outcome, outcome == .ok ? "" : transfer.words(for: outcome), at: now)
        return true
    }

    private func outcome(of message: Message, at now: RunInstant) -> Outcome {
        if let expected = spec.expectedCluster {
            guard let cluster = transfer.facts.cluster else { return .body }
            if cluster != expected { return .wrongCluster }
        }
        return now > message.due + spec.lane.deadline ? .late : .ok
    }

    // MARK: - Ends

    func finished(_ transfer: Transfer, _ code: CurlCode, at done: RunInstant) {
        isUp = false
        transfer.finish(code, at: done, deadline: spec.lane.deadline)
        // It is not a new connection any more: what its classes depend on.
        if answered > 0 { transfer.facts.connects = 0 }
        let outcome = ending(code)
        if answered > 0 {
            let reason = waiting.isEmpty ? "closed while idle" : outcome.name
            let sequence = waiting.first?.sequence ?? transfer.sequence
            host.record(
                .connectionClosed(lane: spec.lane.id, connection: number, sequence: sequence, reason: reason),
                trial: spec.lane.trial)
        }
        lose(waiting.count, outcome, transfer.words(for: outcome), at: done)
    }

    /// The class of what the connection's end has cost.
    private func ending(_ code: CurlCode) -> Outcome {
        let facts = transfer.facts
        if facts.headComplete, facts.status != spec.expectedStatus { return .httpStatus }
        // An end amid the head.
        if code == .partialFile, !facts.headComplete { return .body }
        let outcome = Classifier.outcome(
            of: facts, expectedStatus: spec.expectedStatus, expectedCluster: spec.expectedCluster)
        return [.ok, .late].contains(outcome) ? .eof : outcome
    }

    /// The first `count` messages will not come back.
    private func lose(_ count: Int, _ outcome: Outcome, _ words: String, at now: RunInstant) {
        guard count > 0 else { return }
        let lost = waiting[..<count]
        // A dial that failed sent nothing.
        if answered > 0, let first = lost.first, let last = lost.last {
            host.record(
                .messagesLost(
                    lane: spec.lane.id, connection: number, first: first.sequence, last: last.sequence),
                trial: spec.lane.trial)
        }
        for message in lost { record(message, outcome, words, at: now) }
        waiting.removeFirst(count)
    }

    private func record(_ message: Message, _ outcome: Outcome, _ words: String, at now: RunInstant) {
        let isFirst = answered == 1 && transfer.sequence == message.sequence
        let isBack = [.ok, .late, .wrongCluster].contains(outcome)
        var flags = message.flags
        if answered > (isBack ? 1 : 0) { flags.insert(.reused) }
        transfer.sequence = message.sequence
        let micros = transfer.easy.connectMicros
        host.record(
            Sample(
                lane: spec.lane.id, sequence: message.sequence, due: message.due, sent: message.sent,
                connected: isFirst && micros > 0 ? message.sent + .microseconds(micros) : nil,
                firstByte: isBack ? now : nil, done: now, outcome: outcome, flags: flags,
                httpStatus: UInt16(clamping: transfer.easy.responseCode),
                errno: outcome == .ok ? 0 : transfer.facts.errno,
                localPort: UInt16(clamping: max(0, transfer.localPort)),
                connection: transfer.facts.requests > 0 ? number : 0,
                server: isBack && !transfer.identity.cluster.isEmpty ? host.server(transfer.identity) : 0,
                text: words.isEmpty ? 0 : host.text(words)))
    }
}
