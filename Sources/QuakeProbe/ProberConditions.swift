/// Under what conditions a prober works: what its thread obtained from the kernel, and what holds its process back.
package struct ProberConditions: Sendable, Equatable, Codable {
    /// `SCHED_FIFO 1` or `SCHED_OTHER`.
    package var scheduling: String
    package var nice: Int
    /// How many processors its control group may use; `nil` where nothing limits it.
    package var quota: Double?
    /// Of its control group, since that was made; `nil` where no file tells.
    package var throttling: ControlGroup.Throttling?

    package init(
        scheduling: String, nice: Int, quota: Double? = nil, throttling: ControlGroup.Throttling? = nil
    ) {
        self.scheduling = scheduling
        self.nice = nice
        self.quota = quota
        self.throttling = throttling
    }

    /// `SCHED_FIFO 1, nice 0`.
    package var schedulingWords: String { "\(scheduling), nice \(nice)" }

    /// `no CPU quota`, `a CPU quota of 0.5`.
    package var quotaWords: String {
        quota.map { "a CPU quota of \(Double(Int($0 * 1000)) / 1000)" } ?? "no CPU quota"
    }
}

extension ControlGroup.Throttling {
    /// `never`, `12 times, 340 ms in all`.
    package var words: String {
        if times == 0 { return "never" }
        return "\(times == 1 ? "once" : "\(times) times"), \(nanoseconds / 1_000_000) ms in all"
    }
}
