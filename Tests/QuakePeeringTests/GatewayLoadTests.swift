import QuakeCluster
import QuakeKube
import QuakeRecord
import Synchronization
import Testing

@testable import QuakePeering

@Suite("What an east-west gateway carries")
struct GatewayLoadTests {
    /// Answers one number after the other.
    private final class Counter: GatewayReading {
        private let numbers: Mutex<[Int]>

        init(_ numbers: Int...) { self.numbers = Mutex(numbers) }

        func streams(of pod: JSONValue, in cluster: Cluster) async throws -> Int {
            numbers.withLock { $0.removeFirst() }
        }
    }

    private static let pod: JSONValue = [
        "metadata": ["namespace": "istio-eastwest", "name": "g", "uid": "u"], "spec": ["nodeName": "worker"],
    ]

    @Test("is counted by the endpoint behind its CONNECT listener")
    func counted() {
        let clusters = """
            outbound|15012||istiod.istio-system.svc.cluster.local::10.1.0.4:15012::rq_total::9
            main_internal::observability_name::main_internal
            main_internal::default_priority::max_requests::4294967295
            main_internal::envoy://main_internal/::cx_total::40
            main_internal::envoy://main_internal/::rq_total::41
            main_internal::envoy://main_internal/::rq_success::0
            """
        #expect(EnvoyAdmin.streams(in: clusters) == 41)
        #expect(EnvoyAdmin.streams(in: "xds-grpc::127.0.0.1:15010::rq_total::3\n") == nil)
        #expect(EnvoyAdmin.streams(in: "") == nil)
    }

    @Test("is what came since the last reading, and begins again with its container")
    func since() async throws {
        let load = GatewayLoad(Cluster.scripted("west", port: 1), Self.pod, Counter(100, 104, 104, 3, 5))
        var pages: [RecordPage] = []
        for _ in 1...5 { pages.append(try await load.page(from: pages.last?.next ?? 1)) }
        #expect(
            pages.map { $0.records.map(\.what) } == [
                [], [.carried(node: "worker", streams: 4)], [], [.carried(node: "worker", streams: 3)],
                [.carried(node: "worker", streams: 2)],
            ])
    }
}
