import QuakeArchive
import QuakeBase
import QuakePlan
import QuakeTimeline

/// Makes one lane's samples in the order in which their requests would have ended.
struct SampleMaker {
    private(set) var count = 0
    private let lane: Lane
    private let kills: [Story.Kill]
    private let archive: ArchiveWriter
    private let text: UInt32
    private var generator: SeededGenerator
    private var next: UInt64 = 0
    private var kill = 0
    private var port: UInt16 = 32_768
    private var connections: UInt32
    /// Of a pooled lane: the pinned connections' numbers, and which of them the dead node holds.
    private var pinned: [UInt32] = []
    private var hung: Set<Int> = []
    /// Until when a pinned connection waits for an answer.
    private var busy = [RunInstant](repeating: .origin, count: 4)
    private var turn = 0
    /// Those that end later than the last that were handed over.
    private var open: [Sample] = []
    private var openDials: [Dial<RunInstant>] = []

    init(_ lane: Lane, story: Story, archive: ArchiveWriter, seed: UInt64) {
        self.lane = lane
        self.archive = archive
        kills = lane.role == .probe ? story.kills : []
        generator = SeededGenerator(seed: seed &* 1000 &+ UInt64(lane.id.rawValue))
        text = archive.text("timed out (errno 110)")
        connections = lane.mode == .pooled ? 4 : 0
        if lane.mode == .pooled { pinned = [1, 2, 3, 4] }
    }

    /// Slots due before `end`; hands over what ended before it.
    mutating func make(until end: RunInstant) {
        while lane.due(next) < end {
            let due = lane.due(next)
            if kill < kills.count, due >= kills[kill].healed { kill += 1 }
            open.append(lane.mode == .pooled ? pooledSample(due) : freshSample(due))
            next += 1
            count += 1
        }
        let split = open.partition { $0.done >= end }
        hand(Array(open[..<split]))
        open.removeSubrange(..<split)
        let dialled = openDials.partition { $0.ended >= end }
        archive.append(openDials[..<dialled].sorted { $0.ended < $1.ended })
        openDials.removeSubrange(..<dialled)
    }

    /// Hands over the rest.
    mutating func finish() {
        hand(open)
        open = []
        archive.append(openDials.sorted { $0.ended < $1.ended })
        openDials = []
    }

    private func hand(_ samples: [Sample]) { archive.append(samples.sorted { $0.done < $1.done }) }

    /// Whether a node is dead and nobody knows.
    private func isUnnoticed(_ due: RunInstant) -> Bool {
        kill < kills.count && due >= kills[kill].at && due < kills[kill].noticed
    }

    private mutating func freshSample(_ due: RunInstant) -> Sample {
        connections += 1
        port = port >= 60_998 ? 32_768 : port + 2
        // NodePort, two gateways, policy Cluster: 1 − (1/2)².
        let isLost = isUnnoticed(due) && generator.unit() < 0.75
        let sample = sample(due, isLost: isLost, connection: connections, isFresh: true)
        if lane.role == .probe { openDials.append(dial(for: sample, isLost: isLost)) }
        return sample
    }

    /// The balancer's record of the tunnel: one that was not opened takes ztunnel's ten seconds.
    private mutating func dial(for sample: Sample, isLost: Bool) -> Dial<RunInstant> {
        let node = isLost && kill < kills.count ? kills[kill].node : Story.nodes[generator.unit() < 0.5 ? 0 : 1]
        return Dial(
            dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort, began: sample.sent,
            millis: isLost ? 10_000 : 0.4, targetNode: node, targetAddress: "172.18.0.4:31080",
            gatewayPod: isLost ? "" : "istio-eastwest-6d9c7-k8x2p", gatewayNode: isLost ? "" : node,
            outcome: isLost ? .timeout : .ok, phase: isLost ? .tcp : .connect, errno: isLost ? 110 : 0,
            clientAddress: "10.244.1.7", clientPort: sample.localPort, clientGoneMillis: isLost ? 2000 : nil)
    }

    private mutating func pooledSample(_ due: RunInstant) -> Sample {
        if kill < kills.count, due >= kills[kill].at, due - kills[kill].at < lane.period {
            for index in pinned.indices where generator.unit() < 0.5 { hung.insert(index) }
        }
        guard let index = (0..<4).map({ (turn + $0) % 4 }).first(where: { busy[$0] <= due }) else {
            connections += 1
            var extra = sample(due, isLost: false, connection: connections, isFresh: true)
            extra.flags.insert(.extraConnection)
            return extra
        }
        turn = (index + 1) % 4
        guard hung.contains(index) else {
            return sample(due, isLost: false, connection: pinned[index], isFresh: false)
        }
        busy[index] = due + lane.timeout
        let lost = sample(due, isLost: true, connection: pinned[index], isFresh: false)
        connections += 1
        archive.append(
            Event(
                at: lost.done, trial: 0,
                .connectionClosed(
                    lane: lane.id, connection: pinned[index], sequence: next, reason: lost.outcome.name)))
        pinned[index] = connections
        // The next dial lands on a live path one time in four, until the dead node is out.
        if !isUnnoticed(due) || generator.unit() < 0.25 { hung.remove(index) }
        return lost
    }

    private mutating func sample(
        _ due: RunInstant, isLost: Bool, connection: UInt32, isFresh: Bool
    ) -> Sample {
        let micros = generator.unit()
        let sent = due + .microseconds(Int64(20 + 100 * micros * micros))
        // A long tail: one in a thousand takes ten times the median.
        let latency = Int64(400 + 500 / (0.05 + generator.unit()))
        let isReused = !isFresh
        guard !isLost else {
            return Sample(
                lane: lane.id, sequence: next, due: due, sent: sent, done: due + lane.timeout + .microseconds(300),
                outcome: isReused ? .reuseTimeout : .connectTimeout, flags: isReused ? .reused : [],
                errno: isReused ? 0 : 110, localPort: port, connection: connection, text: text)
        }
        return Sample(
            lane: lane.id, sequence: next, due: due, sent: sent,
            connected: isFresh ? sent + .microseconds(latency / 4) : nil,
            firstByte: sent + .microseconds(latency - 30), done: sent + .microseconds(latency), outcome: .ok,
            flags: isReused ? .reused : [], httpStatus: 200,
            localPort: isFresh ? port : 40_000 + UInt16(connection % 1000),
            connection: connection, server: 1)
    }
}

extension Dial<RunInstant> {
    fileprivate var ended: RunInstant { began + .nanoseconds(Int64(millis * 1e6)) }
}
