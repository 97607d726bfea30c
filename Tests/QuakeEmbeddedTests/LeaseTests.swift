import QuakeKube
import Testing

@Suite("Locks on an embedded cluster", .serialized, .timeLimit(.minutes(3)))
struct LeaseTests {
    @Test("keep a second run out while the first renews, and let it in when that one is dead")
    func locks() async throws {
        try await withCluster("kubectl") { _, kube in
            // Nothing here waits for the end of so long a Lease: the test's own limit is shorter.
            let first = LeaseLock(kube, holder: "first", duration: .seconds(600))
            var second = LeaseLock(kube, holder: "second", duration: .seconds(600))
            try await first.acquire()
            let renewing = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(300))
                    try await first.renew()
                }
            }
            let error = await #expect(throws: KubeError.self) { try await second.acquire() }
            #expect(error?.code == .locked)
            #expect(error.map { "\($0)" }?.contains("first") == true)
            renewing.cancel()
            _ = try? await renewing.value
            // The same run may take its own lock again at once: recovery does.
            try await first.acquire()
            // Nobody renews any more.
            second.duration = .seconds(2)
            try await second.acquire()
            let lost = await #expect(throws: KubeError.self) { try await first.renew() }
            #expect(lost?.code == .locked)
            // Not its own any more: it stays.
            try await first.release()
            #expect(try await kube.get(second.path)[path: "spec.holderIdentity"] == "second")
            try await second.release()
            try await second.release()
            let gone = await #expect(throws: KubeError.self) { try await kube.get(second.path) }
            #expect(gone?.code == .notFound)
        }
    }
}
