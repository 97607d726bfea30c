import QuakeCluster
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakePeering

@Suite("Lists of pods that several readers share", .timeLimit(.minutes(3)))
struct RecentPodsTests {
    /// How many lists an API server answers when the same pods are asked for three times.
    private static func lists(age: Duration) async throws -> Int {
        let count = Mutex(0)
        let server = ScriptedServer { connection in
            while connection.head() != nil {
                count.withLock { $0 += 1 }
                connection.answer(200, body: #"{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}"#)
            }
        }
        let cluster = Cluster.scripted("east", port: server.port)
        let pods = RecentPods(age: age)
        for _ in 1...3 {
            #expect(try await pods.pods(in: "istio-system", of: cluster, within: .seconds(5)).isEmpty)
        }
        return count.withLock { $0 }
    }

    @Test("are asked for once while they are recent, and again after that")
    func age() async throws {
        #expect(try await Self.lists(age: .seconds(600)) == 1)
        #expect(try await Self.lists(age: .zero) == 3)
    }
}
