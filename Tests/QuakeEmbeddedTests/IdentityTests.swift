import QuakeKube
import Testing

@testable import QuakeEmbedded

@Suite("The identity of a cluster")
struct IdentityTests {
    /// Recovery goes by it: the addresses of a process that died are the next one's.
    @Test("is never that of an earlier cluster with the same name, addresses and seed")
    func differs() async throws {
        var seen: Set<String> = []
        for _ in 0..<2 {
            let api = try await InProcessAPI()
            seen.insert(await api.get("/api/v1/namespaces/kube-system").uid)
            await api.stop()
        }
        #expect(seen.count == 2 && !seen.contains(""))
    }
}
