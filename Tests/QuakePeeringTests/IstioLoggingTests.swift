import QuakeCluster
import QuakeMesh
import Synchronization
import Testing

@testable import QuakePeering

@Suite("How Istio's proxies log", .timeLimit(.minutes(2)))
struct IstioLoggingTests {
    @Test("is changed with what it was as the inverse, and not twice")
    func changes() async throws {
        try await IstioPair.with { pair in
            let east = try pair.east
            let changes = try await pair.peering.loggingMore(in: east)
            #expect(
                changes.map { $0.about.prefix { $0 != "-" } } == [
                    "log access=debug,ztunnel::proxy::pool=debug in ztunnel ztunnel", "switch the access log of istio",
                ])
            guard case .logLevels(let path, let uid, "info") = changes[0].inverse else {
                Issue.record("\(changes[0].inverse)")
                return
            }
            #expect(path.hasPrefix("/api/v1/namespaces/istio-system/pods/ztunnel-") && uid == changes[0].objectUID)
            guard
                case .delete(
                    "/apis/telemetry.istio.io/v1/namespaces/istio-eastwest/telemetries/peerquake-gateway-log", _, _) =
                    changes[1].inverse
            else {
                Issue.record("\(changes[1].inverse)")
                return
            }
            pair.istio.behaviour.withLock { $0.levels = "access=debug,ztunnel::proxy::pool=debug,info" }
            #expect(try await pair.peering.loggingMore(in: east).count == 1)
        }
    }

    @Test("has the levels that are asked for, whatever else it has")
    func levels() {
        #expect(IstioLogging.has("access=debug,ztunnel::proxy::pool=debug,info"))
        #expect(!IstioLogging.has("access=debug,info"))
        #expect(!IstioLogging.has("debug"))
    }

    @Test("is not changed with Solo")
    func solo() async throws {
        try await IstioPair.with { pair in
            await #expect(throws: ClusterError.self) {
                _ = try await IstioPeering(.solo, clusters: pair.clusters).loggingMore(in: try pair.east)
            }
        }
    }
}
