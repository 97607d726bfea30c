package import Logging
import NIOCore
import NIOPosix
package import QuakeKube

/// Hosts embedded clusters in this process until its task is cancelled.
package struct EmbeddedHost: Sendable {
    package var shapes: [ClusterShape]
    package var seed: UInt64
    package var logger: Logger

    package init(_ shapes: [ClusterShape], seed: UInt64 = 1, logger: Logger) {
        self.shapes = shapes
        self.seed = seed
        self.logger = logger
    }

    /// Serves the clusters.
    ///
    /// - Parameter onRunning: called once, with a context for each cluster, when every API server accepts connections.
    /// - Throws: ``EmbeddedError`` if there are no addresses, or too many clusters for one process.
    package func run(onRunning: @escaping @Sendable ([Kubeconfig.Context]) async throws -> Void) async throws {
        guard (1...4).contains(shapes.count) else {
            throw EmbeddedError(.configuration, "one process hosts one to four clusters, not \(shapes.count)")
        }
        if let twice = Dictionary(grouping: shapes, by: \.name).first(where: { $0.value.count > 1 }) {
            throw EmbeddedError(.configuration, "two clusters are named \(twice.key)")
        }
        DescriptorLimit.raise()
        let claim = try AddressClaim.claim()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(2, System.coreCount))
        let acceptor = try Acceptor()
        do {
            try await serve(claim, group, acceptor, onRunning)
        } catch {
            acceptor.stop()
            try? await group.shutdownGracefully()
            throw error
        }
        acceptor.stop()
        try? await group.shutdownGracefully()
        withExtendedLifetime(claim) {}
    }

    private func serve(
        _ claim: AddressClaim, _ group: MultiThreadedEventLoopGroup, _ acceptor: Acceptor,
        _ onRunning: @escaping @Sendable ([Kubeconfig.Context]) async throws -> Void
    ) async throws {
        let (running, started) = AsyncStream<Void>.makeStream()
        let watch = LoopWatch()
        watch.watch(group)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            var contexts: [Kubeconfig.Context] = []
            for (index, shape) in shapes.enumerated() {
                let addresses = AddressPlan(network: claim.network, cluster: index)
                let core = ClusterCore(shape, addresses: addresses, seed: seed &+ UInt64(index) &* 7919)
                let context = Kubeconfig.Context(
                    name: shape.name,
                    cluster: .init(name: shape.name, server: "http://\(addresses.api):\(AddressPlan.apiPort)"))
                contexts.append(context)
                let host = PodHost(
                    core, kube: KubeClient(context), group: group, acceptor: acceptor, logger: logger)
                let server = APIServer(
                    handler: APIHandler(
                        core: core, control: ControlAPI(core: core, watch: watch), proxy: PodProxy(group: group)),
                    address: addresses.api, group: group)
                tasks.addTask { try await server.run { started.yield() } }
                tasks.addTask { await host.run() }
                await core.start()
            }
            let known = contexts
            let count = shapes.count
            tasks.addTask {
                var seen = 0
                for await _ in running {
                    seen += 1
                    if seen == count { break }
                }
                try await onRunning(known)
            }
            while try await tasks.next() != nil {}
        }
    }
}
