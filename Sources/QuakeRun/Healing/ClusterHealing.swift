import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeTimeline

/// The healing of one cluster: rounds of what is due, until nothing is or the time is up.
struct ClusterHealing<C: Clock>: Sendable where C.Duration == Duration {
    private let healer: Healer<C>
    private let name: String
    private let deadline: C.Instant
    private var progress: HealingProgress
    /// Whether the cluster has been seen to be the one that was changed.
    private var isVerified = false
    /// Whether the API server has answered the last look at nodes on their way.
    private var isSeen = false
    private var begun: Set<Int> = []

    /// Pauses between rounds: doubled from the first up to the last.
    private static var pauses: ClosedRange<Duration> { .milliseconds(200) ... .seconds(5) }
    /// Between looks at nodes that are on their way.
    private static var look: Duration { .milliseconds(300) }
    /// Of one question that healing waits for.
    private static var patience: Duration { .seconds(2) }

    init(_ healer: Healer<C>, _ name: String, _ site: HealingPlan.Site, _ deadline: C.Instant) {
        self.healer = healer
        self.name = name
        self.deadline = deadline
        progress = HealingProgress(site)
    }

    mutating func run() async -> [Int: HealingOutcome] {
        var pause = Self.pauses.lowerBound
        while true {
            let before = progress.open.count
            for item in progress.open where !healer.isOpen(item.entry) { progress.end(item, .healed) }
            await round()
            if progress.isOver { return progress.outcomes }
            if healer.clock.now >= deadline { break }
            // Nodes that are seen on their way are worth the wait.
            if healer.isHurried(), !(progress.isWaiting && isSeen) { break }
            if progress.open.count < before { pause = Self.pauses.lowerBound }
            let left = healer.clock.now.duration(to: deadline)
            let next = progress.isWaiting ? min(pause, Self.look) : pause
            // A healing is not cut short by its task's end: whoever heals says by `isHurried` that it is.
            try? await healer.clock.sleep(for: min(next, max(left, .zero)))
            pause = min(pause * 2, Self.pauses.upperBound)
        }
        for item in progress.open {
            end(item, .failed(progress.reasons[item.entry.id] ?? "there was no time left"))
        }
        return progress.outcomes
    }

    private mutating func round() async {
        guard let site = healer.sites[name] else { return endAll(.failed("\(name) is not available")) }
        let cluster: Cluster
        do {
            cluster = try await site()
        } catch let refusal as HealingRefusal {
            return endAll(.failed("\(refusal)"))
        } catch {
            return delay(progress.open, "\(error)")
        }
        async let found = Self.machines(of: cluster)
        let holder = await cluster.permit?.otherHolder()
        let machines = await found
        if let holder { return endAll(.withheld(holder)) }
        await power(cluster, machines)
        if progress.isOver { return }
        let wasVerified = isVerified
        guard await verify(cluster) else { return }
        if !wasVerified { await power(cluster, machines) }
        await changes(cluster)
        await readiness(cluster)
    }

    // MARK: - Power

    private enum Started: Sendable {
        case yes
        case ended(HealingOutcome)
        case delayed(String)
        /// Nothing but the API server tells whether it is the machine that was stopped.
        case unknown
    }

    private typealias Machines = Result<[String: String], any Error>
    private typealias Results = [(HealingPlan.Item, Started)]

    private static func machines(of cluster: Cluster) async -> Machines {
        await Result { try await cluster.power?.machines() ?? [:] }
    }

    /// Starts the control planes, and all other nodes at once as soon as those run.
    private mutating func power(_ cluster: Cluster, _ machines: Machines) async {
        let isVerified = isVerified
        let first = progress.powerDue(progress.site.controlPlanes)
        let others = progress.powerDue(progress.site.nodes)
        for item in (first + others).joined() where item.machine != nil || isVerified { begin(item) }
        @Sendable func start(_ items: [HealingPlan.Item]) -> Task<Results, Never> {
            Task {
                var results: Results = []
                for item in items { results.append((item, await Self.start(item, cluster, machines, isVerified))) }
                return results
            }
        }
        let early = first.map(start)
        if !early.isEmpty { await Self.headStart(early) }
        var results: Results = []
        for task in early + others.map(start) { results += await task.value }
        for (item, started) in results {
            switch started {
            case .yes: if progress.done(item) { end(item, .healed) }
            case .ended(let outcome): end(item, outcome)
            case .delayed(let why): delay([item], why)
            case .unknown: break
            }
        }
    }

    /// Returns when these have ended, or a moment later: a control plane that takes long to start holds up no other node.
    private static func headStart(_ early: [Task<Results, Never>]) async {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let all = Task {
            for task in early { _ = await task.value }
            end.finish()
        }
        let moment = Task {
            try? await Task.sleep(for: .seconds(1))
            end.finish()
        }
        for await _ in ends {}
        moment.cancel()
        _ = all
    }

    private static func start(
        _ item: HealingPlan.Item, _ cluster: Cluster, _ machines: Machines, _ isVerified: Bool
    ) async -> Started {
        do {
            guard let node = item.inverse.machine else { return .yes }
            guard cluster.power != nil else { throw ClusterError(.unsupported, "\(node) cannot be started from here") }
            if let known = item.machine {
                // The machine itself decides, however dead its API server is.
                guard let found = try machines.get()[node] else { return .ended(.gone) }
                guard found == known else { return .ended(.foreign) }
            } else {
                guard isVerified else { return .unknown }
                if case .restoreNode(_, let uid) = item.inverse {
                    let found = try await cluster.kube.get(.node(node), timeout: patience)
                    guard found.uid == uid || uid.isEmpty else { return .ended(.foreign) }
                }
            }
            try await item.inverse.startMachine(on: cluster)
            return .yes
        } catch {
            return verdict(error)
        }
    }

    private static func verdict(_ error: any Error) -> Started {
        if let error = error as? KubeError, error.code == .notFound { return .ended(.gone) }
        if let error = error as? ClusterError, [.unsupported, .unknown].contains(error.code) {
            return .ended(.failed("\(error)"))
        }
        return .delayed("\(error)")
    }

    // MARK: - The API

    /// Whether the API server answers, and is that of the cluster that was changed.
    private mutating func verify(_ cluster: Cluster) async -> Bool {
        if isVerified { return true }
        do throws(KubeError) {
            let uid = try await cluster.kube.get(.namespace("kube-system"), timeout: Self.patience).uid
            guard progress.open.allSatisfy({ $0.entry.clusterUID == uid }) else {
                endAll(.failed("\(name) is now another cluster: nothing was touched"))
                return false
            }
            isVerified = true
            return true
        } catch {
            delay(progress.open, "\(error)")
            return false
        }
    }

    private mutating func changes(_ cluster: Cluster) async {
        var isAwaitingDeletion = false
        for item in progress.changesDue where !progress.isBlocked(item) {
            if isAwaitingDeletion, item.inverse.isDeletion {
                // What is still going may need it to go, as its finalizer's controller.
                delay([item], "what was made after it is not gone yet")
                continue
            }
            begin(item)
            do {
                switch try await item.inverse.revertChange(on: cluster) {
                case .done: if progress.done(item) { end(item, .healed) }
                case .gone: end(item, Self.wasMade(item) ? .gone : .healed)
                case .foreign: end(item, .foreign)
                case .partly(let fields): end(item, .partly(fields.joined(separator: ", ")))
                }
            } catch {
                guard case .ended(let outcome) = Self.verdict(error) else {
                    delay([item], "\(error)")
                    if item.inverse.isDeletion { isAwaitingDeletion = true }
                    // What does not answer one does not answer the next.
                    if let error = error as? KubeError, [.unreachable, .timeout].contains(error.code) { return }
                    continue
                }
                end(item, outcome)
            }
        }
    }

    /// Whether what is not there was there: what a run meant to make, it may not have made; and what it had begun to
    /// delete, it has deleted.
    private static func wasMade(_ item: HealingPlan.Item) -> Bool {
        if case .delete = item.inverse { item.entry.status == .applied } else { true }
    }

    private mutating func readiness(_ cluster: Cluster) async {
        let due = progress.readyDue
        guard !due.isEmpty else { return }
        do throws(KubeError) {
            isSeen = false
            let nodes = try await cluster.kube.list(.nodes, timeout: Self.patience * 2).items
            isSeen = true
            for item in due {
                guard let node = nodes.first(where: { $0.name == item.inverse.machine }) else {
                    delay([item], "it was started and has no Node yet")
                    continue
                }
                if let lack = Inverse.lack(of: node) {
                    // On its way: nobody need be told before the time is up.
                    _ = progress.failed(item, "it was started and is not Ready; seen: \(lack)")
                } else if progress.done(item) {
                    end(item, .healed)
                }
            }
        } catch {
            delay(due, "\(error)")
        }
    }

    // MARK: - Entries

    private mutating func begin(_ item: HealingPlan.Item) {
        guard begun.insert(item.entry.id).inserted else { return }
        var entry = item.entry
        entry.status = .reverting
        // A journal that cannot be written forbids changes, not their undoing.
        try? healer.write(entry)
    }

    private mutating func end(_ item: HealingPlan.Item, _ outcome: HealingOutcome) {
        progress.end(item, healer.close(item.entry, outcome))
    }

    private mutating func endAll(_ outcome: HealingOutcome) { for item in progress.open { end(item, outcome) } }

    private mutating func delay(_ items: [HealingPlan.Item], _ why: String) {
        for item in items where progress.failed(item, why) { healer.tell(item.entry, .delayed(why)) }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
