/// Events in the order of their times, those of one time in the order in which they were scheduled.
struct VirtualClock<Event> {
    /// The next one is the last.
    private var pending: [(at: Duration, event: Event)] = []
    private(set) var now: Duration

    init(at now: Duration) { self.now = now }

    /// Schedules an event; one in the past is due now.
    mutating func schedule(_ event: Event, at time: Duration) {
        let at = max(now, time)
        // Before all that is due then already: the next one is the last.
        var low = 0
        var high = pending.count
        while low < high {
            let middle = (low + high) / 2
            if pending[middle].at > at { low = middle + 1 } else { high = middle }
        }
        pending.insert((at, event), at: low)
    }

    /// Moves on to the next event, unless it is later than `end`.
    mutating func next(until end: Duration) -> Event? {
        guard let last = pending.last, last.at <= end else { return nil }
        pending.removeLast()
        now = last.at
        return last.event
    }
}
