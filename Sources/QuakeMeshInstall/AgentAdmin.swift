import QuakeCurl
import QuakeMesh

/// A client of an agent's own HTTP server.
package enum AgentAdmin {
    /// Whether the agent at an address says that it runs.
    package static func isHealthy(at address: String, port: Int = MeshPort.admin) async -> Bool {
        let request = HTTPRequest("GET", "http://\(address):\(port)/healthz", timeout: .seconds(2))
        return (try? await HTTPClient.shared.send(request))?.status == 200
    }
}
