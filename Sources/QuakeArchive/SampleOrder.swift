import QuakeTimeline

/// Puts samples that come in the order of ending into the order of their sequence, and keeps no more than that takes: a
/// slot may end one time-out behind a later one.
struct SampleOrder {
    private let window: UInt64
    /// The sequence number that is next.
    private var next: UInt64 = 0
    private var latest: UInt64 = 0
    private var waiting: [Sample] = []

    init(_ lane: Lane) { window = UInt64(lane.timeout.inSeconds / lane.period.inSeconds * 1.5) + 128 }

    mutating func add(_ sample: Sample, _ body: (Sample) throws -> Void) rethrows {
        latest = max(latest, sample.sequence)
        // Mostly nothing waits, and it is the next one.
        if waiting.isEmpty, sample.sequence == next {
            next = sample.sequence + 1
            return try body(sample)
        }
        waiting.append(sample)
    }

    /// Hands over what waits for nothing that may still come.
    mutating func settle(_ body: (Sample) throws -> Void) rethrows {
        guard !waiting.isEmpty else { return }
        waiting.sort { $0.sequence < $1.sequence }
        var count = 0
        for sample in waiting {
            guard sample.sequence == next || sample.sequence + window < latest || sample.sequence < next else {
                break
            }
            next = max(next, sample.sequence + 1)
            count += 1
            try body(sample)
        }
        waiting.removeFirst(count)
    }

    mutating func finish(_ body: (Sample) throws -> Void) rethrows {
        waiting.sort { $0.sequence < $1.sequence }
        for sample in waiting { try body(sample) }
        waiting = []
    }
}
