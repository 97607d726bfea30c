import Dispatch
import NIOCore
import QuakeKube
import QuakeTestSupport
import Testing

@testable import QuakeMeshAgent

@Suite("A gateway's readiness", .timeLimit(.minutes(3)))
struct GatewayReadinessTests {
    @Test("waits until the gateway knows its backends")
    func readiness() async throws {
        let listed = DispatchSemaphore(value: 0)
        let server = ScriptedServer { connection in
            while let head = connection.head() {
                if head.contains("watch=") { return connection.pause(milliseconds: 4000) }
                listed.wait()
                connection.answer(body: #"{"metadata":{"resourceVersion":"1"},"items":[]}"#)
            }
        }
        defer { server.stop() }
        let kube = KubeClient(
            .init(name: "test", cluster: .init(name: "test", server: "http://127.0.0.1:\(server.port)")))
        let address = "127.79.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        let network = SystemNetwork()
        let gateway = try await Gateway(
            PodIdentity(cluster: "east", node: "east-worker", pod: "gateway", address: address),
            Gateway.Settings(
                backendNamespace: "peerquake", backendService: "echo", backendPort: 8080, drain: .zero,
                tunnelTimes: TunnelTimes()), kube: kube, on: network)
        func isReady() async throws -> Bool {
            try await HealthProbe.passes(
                host: address, port: AdminServer.port, timeout: .seconds(30), on: network, network.group.next()
            ).get()
        }
        #expect(try await !isReady())
        listed.signal()
        while try await !isReady() { await Task.yield() }
        await gateway.kill()
    }
}
