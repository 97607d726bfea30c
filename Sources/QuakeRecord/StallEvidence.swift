/// What the kernel counted while a prober stalled: why it did, as far as that can be known.
///
/// No part is longer than the whole, and parts overlap: a group of processes that is throttled waits for a processor too.
/// Times are in milliseconds.
package struct StallEvidence: Sendable, Equatable, Codable {
    package var lengthMillis: Int
    /// Ready to run, and without a processor (the wait in the run queue); `nil` where the kernel does not count it.
    package var waitingMillis: Int?
    /// On a processor, at the prober's own work.
    package var workingMillis: Int
    /// The control group had used up its quota; `nil` where no file of the group tells.
    package var throttledMillis: Int?
    /// The machine's processors were taken away by its own host; `nil` where the kernel does not count it.
    package var stolenMillis: Int?
    /// How often the thread was made to give its processor away.
    package var preemptions: Int
    /// Page faults that waited for a disk.
    package var pageFaults: Int
    /// Records were handed out to the runner meanwhile.
    package var wasRead: Bool

    package init(
        lengthMillis: Int, waitingMillis: Int? = nil, workingMillis: Int = 0, throttledMillis: Int? = nil,
        stolenMillis: Int? = nil, preemptions: Int = 0, pageFaults: Int = 0, wasRead: Bool = false
    ) {
        self.lengthMillis = lengthMillis
        self.waitingMillis = waitingMillis
        self.workingMillis = workingMillis
        self.throttledMillis = throttledMillis
        self.stolenMillis = stolenMillis
        self.preemptions = preemptions
        self.pageFaults = pageFaults
        self.wasRead = wasRead
    }

    /// `the prober stalled for 295 ms: 280 ms waiting for a processor, 0 ms throttled`.
    package var words: String { "the prober stalled for \(lengthMillis) ms: \(parts)" }

    /// Of several, one sentence with their sums; `nil` of none.
    package static func words(of all: [StallEvidence]) -> String? {
        guard var sum = all.first else { return nil }
        if all.count == 1 { return sum.words }
        for next in all.dropFirst() { sum.add(next) }
        let longest = all.map(\.lengthMillis).max() ?? 0
        return
            "the prober stalled \(all.count) times, for \(longest) ms at most: of \(sum.lengthMillis) ms, \(sum.parts)"
    }

    private mutating func add(_ other: StallEvidence) {
        func sum(_ one: Int?, _ two: Int?) -> Int? { one == nil && two == nil ? nil : (one ?? 0) + (two ?? 0) }
        lengthMillis += other.lengthMillis
        waitingMillis = sum(waitingMillis, other.waitingMillis)
        workingMillis += other.workingMillis
        throttledMillis = sum(throttledMillis, other.throttledMillis)
        stolenMillis = sum(stolenMillis, other.stolenMillis)
        preemptions += other.preemptions
        pageFaults += other.pageFaults
        wasRead = wasRead || other.wasRead
    }

    /// What is always said, and what there was besides.
    private var parts: String {
        var parts = [
            waitingMillis.map { "\($0) ms waiting for a processor" } ?? "its wait for a processor is not known",
            throttledMillis.map { "\($0) ms throttled" } ?? "throttling is not known",
        ]
        if workingMillis > 0 { parts.append("\(workingMillis) ms at work") }
        if let stolenMillis, stolenMillis > 0 { parts.append("\(stolenMillis) ms taken by the machine's host") }
        if preemptions > 0 { parts.append("preempted \(preemptions == 1 ? "once" : "\(preemptions) times")") }
        if pageFaults > 0 { parts.append("\(pageFaults) \(pageFaults == 1 ? "page" : "pages") read from disk") }
        if wasRead { parts.append("records were being fetched") }
        return parts.joined(separator: ", ")
    }
}
