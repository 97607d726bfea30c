import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePeering
import QuakePlan
import QuakeProbe
import QuakeRun
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// An action of these tests alone, which nothing but the registry knows.
struct LabelNodes: PlanAction {
    static let declaration = ActionDeclaration(
        name: "label-nodes", summary: "Labels nodes.",
        example: "label-nodes: {cluster: test, nodes: {role: worker}, value: blue}",
        inverse: InverseWords("takes the label away", step: "without the label"), traits: [.fault], takes: .nodes,
        keys: [valueKey.key])

    private static let valueKey = Key.text("value", otherwise: "red", help: "The label's value.")

    var targets: NodeTargets
    var value: String

    init?(reading reader: inout ActionReader) {
        value = reader.read(Self.valueKey) ?? "red"
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    var scope: ActionScope { .nodes(targets) }
}

extension LabelNodes: ClusterAction {
    func run(_ context: ActionContext) async throws -> ActionOutcome {
        let kube = context.cluster.kube
        func change(_ value: JSONValue) -> JSONValue { ["metadata": ["labels": ["peerquake.dev/test": value]]] }
        let began = EffectInterval.now
        for node in context.nodes {
            let path = ResourcePath.node(node.name)
            let label = change(.string(value))
            try await context.log.mutate(
                Mutation(
                    cluster: context.cluster.name, action: context.action, about: "label \(node.name)",
                    objectUID: node.uid, inverse: .patch(path: path.path, uid: node.uid, patch: change(.null))
                ) { try await kube.patch(path, label) })
        }
        context.log.injected(
            cluster: context.cluster.name, targets: context.nodes.map(\.name), part: nil,
            during: EffectInterval(from: began, to: EffectInterval.now))
        return .finished
    }
}

@Suite("An action that the registry alone adds", .serialized, .timeLimit(.minutes(2)))
struct AddedActionTests {
    private static let registry = ActionRegistry.standard.adding(LabelNodes.self)

    private static let plan = """
        kind: Plan
        apiVersion: peerquake.dev/v1
        name: label
        clusters: [test, other]
        traffic: [{name: echo, url: "http://echo:8080/", from: other, to: test}]
        hypothesis: {baseline: 100ms, availability: 0%, within: 20s}
        settle: 100ms
        steps:
          - label-nodes: {cluster: test, nodes: {names: [test-worker2]}, value: blue}
            hold: 2s
        """

    private static func label(_ node: String, _ bench: Bench) async throws -> String? {
        try await bench.cluster.kube.get(.node(node)).labels["peerquake.dev/test"]
    }

    @Test("is reported by a dry run, runs on an embedded cluster, and is undone")
    func carriedOut() async throws {
        try await withBench { bench in
            let plan = try Plan.parse(Self.plan, path: "label.yaml", actions: Self.registry)
            let observers = ["test": bench.observer]
            let lines = PlanOutline(plan, observers: observers, peering: StandinPeering()).lines()
            #expect(lines.contains("  label-nodes-1: label-nodes on test: test-worker2"))
            #expect(lines.contains("    inverse: without the label"))
            let action = try #require(Self.action(of: plan))
            let found = try StepTargets.resolve(
                action, seed: 1, observers: observers, peering: StandinPeering(), earlier: { _ in nil })
            let implementation = try #require(action.implementation)
            #expect(try await bench.run(implementation, on: found.nodes.map(\.name)) == .finished)
            #expect(try await Self.label("test-worker2", bench) == "blue")
            #expect(try await Self.label("test-worker", bench) == nil)
            try await bench.heal()
            #expect(try await Self.label("test-worker2", bench) == nil)
        }
    }

    private static func action(of plan: Plan) -> Action? {
        if case .action(let action)? = plan.cells.first?.steps.first?.body { action } else { nil }
    }

    @Test("is a step of a run, which records its fault and undoes it")
    func run() async throws {
        try await withBench { bench in
            var plan = try Plan.parse(Self.plan, path: "label.yaml", actions: Self.registry)
            plan.cells[0].traffic[0].from = "test"
            let events = Mutex<[Event]>([])
            let folder = try TemporaryDirectory()
            let request = try Self.request(plan, bench, "\(folder.path)/run") { event in
                events.withLock { $0.append(event) }
            }
            async let result = Runner(request).run()
            try await bench.eventually("the label") { try await Self.label("test-worker2", bench) == "blue" }
            let (exit, problem) = await result
            try request.archive.close()
            #expect(exit == .pass, "\(problem.map { "\($0)" } ?? "")")
            let faults = events.withLock { events in
                events.compactMap { if case .faultInjected(let fault) = $0.what { fault } else { nil } }
            }
            #expect(faults.map(\.action) == ["label-nodes"] && faults.first?.targets == ["test-worker2"])
            #expect(try await Self.label("test-worker2", bench) == nil)
        }
    }

    /// A run on the one cluster, whose traffic nobody answers: the hypothesis asks for no good slot.
    private static func request(
        _ plan: Plan, _ bench: Bench, _ directory: String, _ listener: @escaping @Sendable (Event) -> Void
    ) throws -> RunRequest {
        let clock = RunClock()
        return RunRequest(
            plan: plan, id: "added", environment: "embedded", kubeconfig: "", contexts: ["test": "test"],
            clusters: ["test": bench.cluster], peering: NoMesh(),
            archive: try ArchiveWriter(directory: directory, info: RunInfo(id: "added", planName: plan.name)),
            clock: clock, interruption: Interruption(), lanes: LiveLanes { clock.now }, listener: listener)
    }

    /// A mesh that has nothing, and a route to a port where nobody listens.
    private struct NoMesh: Peering {
        func place(of hosting: Hosting) -> WorkloadPlace? { nil }
        func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) { ("127.0.0.1", 9) }
        func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) { ("127.0.0.1", 9) }
        func method(from client: Cluster, to peer: String) async throws -> PeeringMethod { .nodePort }
        func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] { [] }
        func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] { [] }
        func facts(of clusters: [Cluster]) async throws -> MeshFacts { MeshFacts() }
    }

    @Test("can be carried out, as all that ships but what only measures")
    func implemented() {
        for type in Self.registry.actions {
            let isCarriedOut = type is any ClusterAction.Type
            #expect(isCarriedOut == type.declaration.traits.contains(.changes), "\(type.declaration.name)")
        }
    }
}
