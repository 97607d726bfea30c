import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Where everything that happens in a run is written down.
final class RunRecorder: ProbeSink {
    let archive: ArchiveWriter
    let clock: RunClock
    let lanes: LiveLanes
    let carriers = CarrierLedger()
    let arrivals: ArrivalLedger
    private let trial = Mutex<Int?>(nil)
    private let listener: @Sendable (Event) -> Void
    private let evidence = Mutex(0)
    private let interruptions = Mutex<Set<String>>([])

    init(_ archive: ArchiveWriter, clock: RunClock, lanes: LiveLanes, listener: @escaping @Sendable (Event) -> Void) {
        self.archive = archive
        self.clock = clock
        self.lanes = lanes
        arrivals = ArrivalLedger { lanes.running }
        self.listener = listener
    }

    func setTrial(_ index: Int?) { trial.withLock { $0 = index } }
    var currentTrial: Int? { trial.withLock { $0 } }

    func event(_ what: Event.What) { event(what, at: clock.now) }

    /// - Parameter moment: when it came about: earlier than others that are recorded already, perhaps.
    func event(_ what: Event.What, at moment: RunInstant) { record(Event(at: moment, trial: currentTrial, what)) }

    func interval(_ effect: EffectInterval) -> Interval {
        Interval(
            start: clock.instant(monotonicNanoseconds: effect.from), end: clock.instant(monotonicNanoseconds: effect.to)
        )
    }

    // MARK: - ProbeSink

    func record(_ samples: [Sample]) {
        lanes.add(samples)
        carriers.add(samples)
        arrivals.add(samples)
        archive.append(samples)
    }

    func record(_ event: Event) {
        if case .suspect(let from, let to, _, _) = event.what { lanes.suspects.add(Interval(start: from, end: to)) }
        archive.append(event)
        listener(event)
    }

    func server(_ identity: ServingIdentity) -> UInt32 {
        let number = archive.server(identity)
        arrivals.add(identity, number)
        return number
    }

    func text(_ text: String) -> UInt32 { archive.text(text) }

    // MARK: - Clusters

    func observed(_ observation: Observation, in cluster: String) {
        switch observation {
        case .nodeReady(let node, let status):
            event(.nodeReady(cluster: cluster, node: node, status: NodeReadiness(rawValue: status) ?? .unknown))
        case .nodeGone(let node): event(.nodeGone(cluster: cluster, node: node))
        case .nodeUnschedulable(let node, let flag):
            event(.nodeUnschedulable(cluster: cluster, node: node, flag))
        case .nodeTaints(let node, let added, let removed):
            event(.nodeTaints(cluster: cluster, node: node, added: added, removed: removed))
        case .endpoint(let service, let pod, let node, let ready, let serving, let terminating):
            event(
                .endpoint(
                    cluster: cluster, service: service,
                    EndpointState(pod: pod, node: node, ready: ready, serving: serving, terminating: terminating)))
        case .endpointGone(let service, let pod):
            event(.endpointGone(cluster: cluster, service: service, pod: pod))
        case .pod(let namespace, let name, let node, let phase, let ready):
            event(
                .pod(cluster: cluster, namespace: namespace, name: name, node: node, phase: phase, ready: ready))
        case .podGone(let namespace, let name):
            event(.podGone(cluster: cluster, namespace: namespace, name: name))
        case .interrupted(let why):
            // Retried until it works: told once, and not each time.
            let isNews = interruptions.withLock { $0.insert(why).inserted }
            if isNews { event(.note("\(cluster): \(why)")) }
        }
    }

    /// Records of a cluster's agents; those from before the run are left out.
    func told(_ records: [AgentRecord], by cluster: String) {
        var dials: [Dial<RunInstant>] = []
        // A tunnel that was opened before the run may carry its traffic.
        var earlier: [Dial<RunInstant>] = []
        for record in records {
            let at = clock.instant(unixNanoseconds: record.at)
            guard at.nanoseconds >= 0 || isState(record) else {
                if case .dial(let dial) = record.what {
                    earlier.append(dial.on { clock.instant(unixNanoseconds: $0) })
                }
                continue
            }
            switch record.what {
            case .dial(let dial): dials.append(dial.on { clock.instant(unixNanoseconds: $0) })
            case .targets(let peer, let addresses):
                arrivals.targets(of: cluster, to: peer, addresses, at: at)
                self.record(
                    Event(
                        at: at, trial: currentTrial,
                        .targetSet(cluster: cluster, peer: peer, addresses: addresses)))
            case .health(let node, let healthy):
                arrivals.health(of: node, in: cluster, healthy, at: at)
                self.record(
                    Event(
                        at: at, trial: currentTrial,
                        .loadBalancerHealth(cluster: cluster, node: node, healthy: healthy)))
            case .proxyFailure(var failure):
                let crossing = lanes.running.filter { $0.role == .probe && $0.from == cluster }
                failure.lane = carriers.lane(using: failure.clientPort, among: crossing)
                self.record(Event(at: at, trial: currentTrial, .proxyFailure(cluster: cluster, failure)))
            case .push(let push):
                self.record(Event(at: at, trial: currentTrial, .configPush(cluster: cluster, push)))
            case .carried(let node, let streams):
                carriers.add(streams, through: node, of: cluster, at: at)
                self.record(
                    Event(at: at, trial: currentTrial, .carried(cluster: cluster, node: node, streams: streams)))
            case .warning(let words):
                self.record(Event(at: at, trial: currentTrial, .note("\(cluster): \(words)")))
            }
        }
        carriers.add(earlier + dials)
        if !dials.isEmpty { archive.append(dials) }
    }

    /// What still holds although it was told before the run.
    private func isState(_ record: AgentRecord) -> Bool {
        switch record.what {
        case .dial, .proxyFailure, .push, .carried, .warning: false
        case .targets, .health: true
        }
    }

    /// Keeps a command's output beside the database.
    func keep(_ text: String, about: String) {
        let number = evidence.withLock { number in
            number += 1
            return number
        }
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        let name = padded + "-" + about.replacing(" ", with: "-").replacing("/", with: "-") + ".txt"
        guard let file = try? archive.addEvidence(name: name, content: text) else { return }
        event(.evidence(file: file, about: about))
    }
}
