import Foundation
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeTestSupport
import QuakeTimeline
import Synchronization

@testable import QuakeRun

/// A run's log over two clusters of the same node names, whose API servers keep nothing, and what was recorded.
final class RunBench: Sendable {
    /// A request for the journal's copy was answered, in nanoseconds of CLOCK_MONOTONIC.
    let mirrored = Mutex<[Int64]>([])
    let events = Mutex<[Event]>([])
    let recorder: RunRecorder
    let journal: Journal
    let clusters: [String: Cluster]
    private let servers: [ScriptedServer]
    private let folder: TemporaryDirectory
    private let mirror: JournalMirror

    /// - Parameter delay: how long west takes to answer a request for the journal's copy.
    init(power: (any NodePower)? = nil, mirrorDelay delay: Duration = .zero) throws {
        let folder = try TemporaryDirectory()
        self.folder = folder
        let box = Weak()
        let answered: @Sendable () -> Void = { box.bench?.mirrored.withLock { $0.append(EffectInterval.now) } }
        func server(_ delay: Duration) -> ScriptedServer {
            ScriptedServer { connection in
                while let head = connection.head() {
                    _ = connection.body(of: head)
                    let isMirror = head.contains("/configmaps")
                    if isMirror, head.hasPrefix("GET") {
                        connection.pause(milliseconds: UInt32(delay / .milliseconds(1)))
                    }
                    if isMirror { answered() }
                    if isMirror, head.hasPrefix("GET") {
                        connection.answer(404, body: "{\"kind\":\"Status\",\"reason\":\"NotFound\"}")
                    } else {
                        connection.answer(body: "{\"kind\":\"Node\",\"metadata\":{\"name\":\"n\",\"uid\":\"u\"}}")
                    }
                }
            }
        }
        let (east, west) = (server(.zero), server(delay))
        servers = [east, west]
        clusters = ["east": Self.cluster("east", east, power), "west": Self.cluster("west", west, power)]
        let clock = RunClock()
        let events = Weak()
        recorder = RunRecorder(
            try ArchiveWriter(directory: "\(folder.path)/run", info: RunInfo(id: "r", planName: "p")), clock: clock,
            lanes: LiveLanes { clock.now }
        ) { event in events.bench?.events.withLock { $0.append(event) } }
        journal = try Journal(
            creatingIn: "\(folder.path)/run",
            header: JournalHeader(
                run: "r", plan: "p", environment: "embedded", kubeconfig: "", contexts: [:],
                uids: clusters.mapValues(\.uid)))
        mirror = JournalMirror(clusters)
        box.bench = self
        events.bench = self
    }

    deinit { for server in servers { server.stop() } }

    private final class Weak: @unchecked Sendable {
        // Written once, before anything is asked or recorded.
        weak var bench: RunBench?
    }

    private static func cluster(_ name: String, _ server: ScriptedServer, _ power: (any NodePower)?) -> Cluster {
        let context = Kubeconfig.Context(
            name: name, cluster: Kubeconfig.Cluster(name: name, server: "http://127.0.0.1:\(server.port)"))
        return Cluster(
            name: name, uid: "\(name)-uid", kube: KubeClient(context),
            kubectl: Kubectl(kubeconfigPath: "", context: name, cacheDirectory: ""), power: power)
    }

    func log(_ action: String) -> RunLog {
        RunLog(
            journal: journal, mirror: mirror, events: FaultEvents(run: "r") { _ in }, recorder: recorder,
            clusters: clusters, step: "step", action: action, expectOutage: true, trial: 0, deadline: .seconds(60),
            drain: DrainProgress(), doomed: DoomedNodes())
    }

    func run(_ action: any ClusterAction, on nodes: [String], of cluster: String = "west") async throws {
        guard let target = clusters[cluster] else { return }
        let name = Action.declared(action).name
        _ = try await action.carryOut(
            ActionContext(
                clusters: clusters, observers: [:], peering: NoPeering(), log: log(name), action: name,
                nodes: nodes.map { NodeTarget(name: $0, uid: "\($0)-uid", isCordoned: false) }, cluster: target,
                seed: 1,
                expectOutage: true))
    }

    var faults: [(at: RunInstant, fault: Fault)] {
        events.withLock {
            $0.compactMap { event in
                if case .faultInjected(let fault) = event.what { (event.at, fault) } else { nil }
            }
        }
    }
}

/// A mesh that has nothing.
struct NoPeering: Peering {
    func place(of hosting: Hosting) -> WorkloadPlace? { nil }
    func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) { ("", 0) }
    func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) { ("", 0) }
    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod { .nodePort }
    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] { [] }
    func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] { [] }
    func facts(of clusters: [Cluster]) async throws -> MeshFacts { MeshFacts() }
}
