import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePeering
import QuakePlan
import Synchronization
import Testing

/// The stand-in with one client, whose targets are what shows a gateway.
private struct OneClient: TargetViews {
    private let standin = StandinPeering()

    func targetViews(of cluster: Cluster, from others: [Cluster]) async throws -> [TargetView] {
        [TargetView(.targets(client: "east"))]
    }
    func place(of hosting: Hosting) -> WorkloadPlace? { standin.place(of: hosting) }
    func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) {
        try await standin.route(from: client, to: peer)
    }
    func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) {
        try await standin.localRoute(in: cluster)
    }
    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod { .nodePort }
    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] { [] }
    func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] { [] }
    func facts(of clusters: [Cluster]) async throws -> MeshFacts { MeshFacts() }
}

/// A mesh that does not tell what its clients know.
private struct Silent: Peering {
    private let standin = StandinPeering()

    func place(of hosting: Hosting) -> WorkloadPlace? { standin.place(of: hosting) }
    func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) { ("", 0) }
    func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) { ("", 0) }
    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod { .nodePort }
    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] { [] }
    func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] { [] }
    func facts(of clusters: [Cluster]) async throws -> MeshFacts { MeshFacts() }
}

@Suite("measure-propagation and its inverse", .serialized, .timeLimit(.minutes(3)))
struct PropagationActionTests {
    private static let target = MeasurePropagation(cluster: "test", within: .milliseconds(500))

    /// A Deployment of inert pods, apart from each other, with its Service.
    private static func install(_ hosting: Hosting, replicas: Int, in bench: Bench) async throws -> WorkloadPlace {
        let place = try #require(StandinPeering().place(of: hosting))
        let labels = JSONValue(place.labels)
        let kube = bench.cluster.kube
        try await kube.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(place.namespace)]])
        try await kube.apply([
            "apiVersion": "v1", "kind": "Service",
            "metadata": ["name": .string(place.name), "namespace": .string(place.namespace)],
            "spec": ["selector": labels, "ports": [["port": 80]]],
        ])
        try await kube.apply([
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": .string(place.name), "namespace": .string(place.namespace)],
            "spec": [
                "replicas": .int(Int64(replicas)), "selector": ["matchLabels": labels],
                "template": [
                    "metadata": ["labels": labels],
                    "spec": [
                        "terminationGracePeriodSeconds": 1, "containers": [["name": "part", "image": "part"]],
                        "affinity": [
                            "podAntiAffinity": [
                                "requiredDuringSchedulingIgnoredDuringExecution": [
                                    ["labelSelector": ["matchLabels": labels], "topologyKey": "kubernetes.io/hostname"]
                                ]
                            ]
                        ],
                    ],
                ],
            ],
        ])
        try await bench.eventually("ready endpoints") { bench.observer.readyEndpoints(of: place) == replicas }
        return place
    }

    @discardableResult
    private static func run(
        _ action: MeasurePropagation, in bench: Bench, _ peering: any Peering = OneClient()
    ) async throws -> ActionOutcome {
        try await action.carryOut(
            ActionContext(
                clusters: ["test": bench.cluster], observers: ["test": bench.observer], peering: peering,
                log: bench.log, action: "measure-propagation", nodes: [], cluster: bench.cluster, seed: 1,
                expectOutage: false))
    }

    @Test("places a gateway on a further node, sees it come and go, and leaves nothing")
    func target() async throws {
        try await withBench { bench in
            let place = try await Self.install(.gateway, replicas: 1, in: bench)
            let before = bench.observer.pods(at: place)
            var action = Self.target
            action.rounds = 2
            #expect(try await Self.run(action, in: bench) == .finished)
            let seen = bench.log.measured.withLock { $0 }
            #expect(
                seen.map(\.direction) == [.added, .removed, .added, .removed] && seen.map(\.round) == [1, 1, 2, 2])
            #expect(seen.allSatisfy { $0.view == .targets(client: "east") && $0.cluster == "test" && $0.seen != nil })
            // A worker that the Deployment does not use, and each time another pod.
            let host = try #require(before.first.flatMap { PodView($0).node })
            #expect(seen.allSatisfy { $0.node.hasPrefix("test-worker") && $0.node != host })
            #expect(Set(seen.map(\.pod)).count == 2 && seen.allSatisfy { $0.made.from < $0.made.to })
            #expect(bench.log.changes.withLock { $0 } == [[]] && bench.log.inverses.isEmpty)
            #expect(bench.observer.pods(at: place).map(\.uid) == before.map(\.uid))
        }
    }

    @Test("waits as long as it says where no client knows, and then asks none that forgets")
    func censored() async throws {
        try await withBench { bench in
            let place = try await Self.install(.gateway, replicas: 1, in: bench)
            bench.log.known.isDeaf.withLock { $0 = true }
            let began = ContinuousClock.now
            #expect(try await Self.run(Self.target, in: bench) == .finished)
            #expect(ContinuousClock.now - began >= Self.target.within)
            let seen = bench.log.measured.withLock { $0 }
            #expect(seen.map(\.direction) == [.added] && seen[0].seen == nil)
            #expect(bench.log.inverses.isEmpty && bench.observer.pods(at: place).count == 1)
        }
    }

    @Test("takes a control-plane node where no worker is left, and no node that the clients know already")
    func nodes() async throws {
        try await withBench { bench in
            _ = try await Self.install(.gateway, replicas: 2, in: bench)
            try await Self.run(Self.target, in: bench)
            #expect(bench.log.measured.withLock { $0.first?.node } == "test-control-plane")
            bench.log.known.stale.withLock { $0 = ["test-control-plane"] }
            let error = await #expect(throws: ClusterError.self) { try await Self.run(Self.target, in: bench) }
            #expect(error?.code == .noTargets && bench.log.inverses.isEmpty)
        }
    }

    @Test("adds a backend where one runs already, and asks the lanes")
    func endpoint() async throws {
        try await withBench { bench in
            let place = try await Self.install(.backend, replicas: 1, in: bench)
            let host = try #require(bench.observer.pods(at: place).first.flatMap { PodView($0).node })
            let action = MeasurePropagation(cluster: "test", change: .endpoint, within: .milliseconds(500))
            try await Self.run(action, in: bench, Silent())
            let seen = bench.log.measured.withLock { $0 }
            #expect(seen.map(\.view) == [.lane(traffic: "echo", mode: .new)] && seen.map(\.direction) == [.added])
            #expect(seen[0].node == host && bench.observer.pods(at: place).count == 1)
        }
    }

    @Test("is undone by the journal where it is cut off")
    func inverse() async throws {
        try await withBench { bench in
            let place = try await Self.install(.gateway, replicas: 1, in: bench)
            bench.log.known.isDeaf.withLock { $0 = true }
            var endless = Self.target
            endless.within = .seconds(600)
            let task = Task { [endless] in try await Self.run(endless, in: bench) }
            try await bench.eventually("a second gateway") { bench.observer.readyEndpoints(of: place) == 2 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(bench.log.inverses.count == 1 && bench.log.inverses.allSatisfy(\.isDeletion))
            try await bench.heal()
            try await bench.eventually("one gateway") { bench.observer.pods(at: place).count == 1 }
        }
    }

    @Test("is refused where the mesh does not tell what its clients know, but for endpoints")
    func refused() async throws {
        let refusal = try #require(Self.target.refusal(by: Silent()))
        #expect(refusal.code == .unsupported && refusal.message.contains("cannot be read yet"))
        #expect(Self.target.refusal(by: IstioPeering(.solo, clusters: [:]))?.message == refusal.message)
        #expect(Self.target.refusal(by: IstioPeering(.istio, clusters: [:])) == nil, "it says why, view by view")
        #expect(Self.target.refusal(by: StandinPeering()) == nil)
        #expect(MeasurePropagation(cluster: "test", change: .endpoint).refusal(by: Silent()) == nil)
    }
}
