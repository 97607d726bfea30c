import QuakeEnvironment
import QuakeKube
import QuakeShell
import QuakeTestSupport
import QuakeTimeline
import Synchronization
import Testing

/// An environment whose clusters are known by their contexts' names.
private struct Place: Environment {
    final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        var said: [String] { lines.withLock { $0 } }
        func say(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let name: EnvironmentName
    var capabilities: Set<EnvironmentCapability> = []
    var host: (any ClusterHost)?
    /// Contexts.
    var own: Set<String> = []
    /// Whether it needs an answer that it does not get.
    var isSilent = false
    let log: Log

    func owns(_ context: Kubeconfig.Context) async throws(KubeError) -> Bool {
        log.say("\(name) is asked for \(context.name)")
        if isSilent { throw KubeError(.unreachable, "no answer", context: context.name) }
        return own.contains(context.name)
    }

    func verify(_ contexts: [String: Kubeconfig.Context]) async throws {
        log.say("\(name) verifies \(contexts.keys.sorted().joined(separator: " "))")
    }

    func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite? {
        guard own.contains(context.name) else { return nil }
        var site = ClusterSite()
        site.hasLocalPods = capabilities.contains(.sharesHost)
        return site
    }

    func survivor(
        of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace
    ) async throws -> ClusterSite? { trace.knowsMachines ? ClusterSite() : nil }
}

/// Makes nothing, and says what it was asked for.
private struct Maker: ClusterHost {
    struct Asked: Error, Equatable { var shapes: WantedShapes }

    func check(_ shapes: WantedShapes) throws {}

    func withClusters<Result: Sendable>(
        _ shapes: WantedShapes, in folder: String, lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result { throw Asked(shapes: shapes) }
}

@Suite("Environments")
struct EnvironmentsTests {
    private let log = Place.Log()
    private let folder: TemporaryDirectory
    private let kubeconfig: String

    init() throws {
        folder = try TemporaryDirectory()
        let contexts = ["a", "b"].map {
            Kubeconfig.Context(name: $0, cluster: .init(name: $0, server: "http://127.0.0.1:1"), user: .init(name: $0))
        }
        kubeconfig = try folder.file("kc", Kubeconfig(contexts: contexts, currentContext: "a").yaml())
    }

    private func open(
        _ wanted: WantedClusters, in environment: Place, beside others: [Place] = []
    ) async throws -> [String: String] {
        try await Environments([environment] + others).withClusters(
            wanted, in: environment, folder: folder.path, lost: { _ in }
        ) { contexts, _ in contexts.mapValues(\.name) }
    }

    @Test("that make clusters make them where none are named")
    func making() async throws {
        let place = Place(name: .embedded, host: Maker(), log: log)
        await #expect(throws: Maker.Asked(shapes: .files(["shape"]))) {
            _ = try await open(WantedClusters(names: ["east"], shapes: .files(["shape"])), in: place)
        }
        let wanted = WantedClusters(names: ["a"], kubeconfig: kubeconfig, shapes: .files(["shape"]), allowed: ["a"])
        #expect(try await open(wanted, in: place) == ["a": "a"])
    }

    @Test("have their clusters bound once each is one's own or allowed, and verify them")
    func binding() async throws {
        let here = Place(name: .kind, own: ["a"], log: log)
        let elsewhere = Place(name: .embedded, own: ["b"], log: log)
        let wanted = WantedClusters(names: ["a", "b"], kubeconfig: kubeconfig)
        #expect(try await open(wanted, in: here, beside: [elsewhere]) == ["a": "a", "b": "b"])
        #expect(
            log.said == ["kind is asked for a", "kind is asked for b", "embedded is asked for b", "kind verifies a b"])
    }

    @Test("leave a cluster alone that no one owns and no one allowed")
    func refusing() async throws {
        let place = Place(name: .kubeconfig, own: ["a"], log: log)
        let wanted = WantedClusters(names: ["a", "b"], kubeconfig: kubeconfig)
        do {
            _ = try await open(wanted, in: place)
            Issue.record("it was opened")
        } catch let failure as Failure {
            #expect(failure.code == .usage && failure.description.contains("--allow-context b"), "\(failure)")
        }
        #expect(!log.said.contains { $0.contains("verifies") })
    }

    @Test("that get no answer from a cluster say that it cannot be reached")
    func silence() async throws {
        let place = Place(name: .embedded, isSilent: true, log: log)
        do {
            _ = try await open(WantedClusters(names: ["a"], kubeconfig: kubeconfig), in: place)
            Issue.record("it was opened")
        } catch let failure as Failure {
            #expect(failure.code == .unavailable && failure.message.hasPrefix("a: "), "\(failure)")
        }
    }

    @Test("are asked in order for what can be done to a cluster, and nothing can to anybody's")
    func sites() async throws {
        let environments = Environments([
            Place(name: .kind, capabilities: [.sharesHost], own: ["a"], log: log),
            Place(name: .embedded, own: ["a", "b"], log: log),
        ])
        func site(_ name: String) async throws -> ClusterSite {
            let context = try Kubeconfig.load(path: kubeconfig, environment: [:]).context(name == "c" ? "a" : name)
            var own = context
            own.name = name
            return try await environments.site(of: own, KubeClient(own))
        }
        #expect(try await site("a").hasLocalPods)
        #expect(try await !site("b").hasLocalPods)
        let anybody = try await site("c")
        #expect(anybody.power == nil && anybody.controlPlane == nil && anybody.loadImage == nil)
        let context = try Kubeconfig.load(path: kubeconfig, environment: [:]).context("a")
        for knows in [true, false] {
            let trace = ClusterTrace(environment: .kind, knowsMachines: knows)
            let found = try await environments.survivor(of: context, KubeClient(context), trace)
            #expect((found != nil) == knows)
        }
    }

    @Test("that Peerquake knows declare what they offer")
    func standard() async throws {
        let known = Environments.standard
        #expect(Set(known.all.map(\.name)) == Set(EnvironmentName.allCases))
        #expect(EnvironmentName.allCases.map(\.rawValue) == ["embedded", "kind", "kubeconfig"])
        #expect(EnvironmentName.allCases.map { known.named($0).host != nil } == [true, false, false])
        func offering(_ capability: EnvironmentCapability) -> [EnvironmentName] {
            EnvironmentName.allCases.filter { known.named($0).capabilities.contains(capability) }
        }
        #expect(offering(.runsProbers) == [.kind, .kubeconfig])
        #expect(offering(.sharesHost) == [.kind])
        #expect(offering(.loadsImages) == [.kind])
        #expect(offering(.keepsClusters) == [.kind])
        #expect(await known.named(.embedded).needs().map(\.name) == ["kubectl"])
        #expect(await known.named(.kubeconfig).needs().isEmpty)
        let context = Kubeconfig.Context(
            name: "kind-x", cluster: .init(name: "x", server: "http://127.0.0.1:1"), user: .init(name: "x"))
        #expect(try await known.named(.kind).owns(context))
        #expect(try await !known.named(.kubeconfig).owns(context))
    }
}
