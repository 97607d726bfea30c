import Glibc
import QuakeBase

/// What the service does to requests while a fault lasts.
enum FaultKind: String, CaseIterable, Sendable {
    /// The port refuses; pinned connections live on.
    case refuse
    /// SYNs are dropped, for the backlog is full; pinned connections live on.
    case dropSYN = "drop-syn"
    /// A request is answered with RST.
    case reset = "rst"
    /// A request is answered with FIN.
    case fin
    /// A request is read and never answered.
    case discard
    /// Answers wait for the fault's end.
    case stall
    /// Each answer takes twice the deadline.
    case slow
    /// Another cluster answers.
    case wrong
    /// FIN amid the answer's head, which libcurl takes for success.
    case midHeader = "mid-header"
    /// Packets are lost, old connections' and new ones', and sent again by their senders' kernels.
    case blackhole

    /// Those that are drawn at random.
    static let drawn = allCases.filter { $0 != .blackhole }

    /// Whether the port does it, at its own moments, rather than each connection.
    var isOfPort: Bool { self == .refuse || self == .dropSYN || self == .blackhole }

    /// Whether requests are answered after its end: what then is answered in time, was no outage.
    var isReleased: Bool { self == .stall || self == .blackhole }

    /// Whether it can touch a connection that is there already.
    var touchesPinned: Bool { self != .refuse && self != .dropSYN }
}

/// One fault. Times are nanoseconds on the monotonic clock.
struct ScheduledFault: Sendable {
    var kind: FaultKind
    var start: Int64
    var end: Int64
    /// All connections, or about half of them.
    var isPartial: Bool

    var length: Int64 { end - start }

    func touches(connection number: Int) -> Bool { !isPartial || (number &* 2_654_435_761) & 64 == 0 }
}

/// The faults of a run, one after another.
struct Schedule: Sendable {
    var faults: [ScheduledFault]

    /// Lengths are log-uniform from 20 ms to 10 s; a second and a half and a random part of a second lie between two. Two
    /// black holes follow, of 0.4 s and of 3 s, which TCP's retransmission hides from whoever sets no deadline.
    ///
    /// - Parameter count: of those that are drawn.
    /// - Parameter start: when the first may begin.
    init(count: Int, seed: UInt64, start: Int64) {
        var generator = SeededGenerator(seed: seed)
        var now = start
        faults = (0..<count).map { index in
            now += 1_500_000_000 + Int64(generator.unit() * 1e9)
            let length = Int64(0.02 * pow(500.0, generator.unit()) * 1e9)
            defer { now += length }
            let kind = FaultKind.drawn[index % FaultKind.drawn.count]
            return ScheduledFault(
                kind: kind, start: now, end: now + length,
                isPartial: kind.touchesPinned && generator.unit() < 0.25)
        }
        for length in [400_000_000, 3_000_000_000] as [Int64] {
            now += 2_500_000_000
            faults.append(ScheduledFault(kind: .blackhole, start: now, end: now + length, isPartial: false))
            now += length
        }
    }

    var end: Int64 { faults.last?.end ?? 0 }

    /// The same faults, those of the port when they were in force: a little later than scheduled.
    func with(_ inForce: [Int: ClosedRange<Int64>]) -> Schedule {
        var copy = self
        for (index, range) in inForce {
            copy.faults[index].start = range.lowerBound
            copy.faults[index].end = range.upperBound
        }
        return copy
    }

    /// The fault that a request of a connection meets.
    func active(at now: Int64, connection: Int) -> ScheduledFault? {
        // Faults follow each other: the last one that has begun is the only one that may last.
        var (low, high) = (0, faults.count)
        while low < high {
            let middle = (low + high) / 2
            if faults[middle].start <= now { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let fault = faults[low - 1]
        return now < fault.end && fault.touches(connection: connection) ? fault : nil
    }
}
