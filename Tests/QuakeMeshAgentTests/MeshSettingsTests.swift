import Testing

@testable import QuakeMeshAgent

@Suite("Durations in an agent's environment")
struct MeshSettingsTests {
    private func drain(_ text: String) throws -> Duration {
        try MeshSettings(["PEERQUAKE_BACKEND": "demo/echo:8080", "PEERQUAKE_DRAIN": text]).gateway().drain
    }

    @Test(
        "are read as Go writes them",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("0s", .zero), ("1m30s", .seconds(90)), (".5s", .milliseconds(500)),
        ])
    func read(text: String, duration: Duration) throws { #expect(try drain(text) == duration) }

    @Test(
        "have no sign, and always a unit", arguments: ["", "0", "5", "-5s", "+5s", "soon", "1d", "99999999999h"])
    func refuse(text: String) {
        #expect(throws: SettingError.self) { try drain(text) }
    }

    @Test("source ports of both balancers rest 130 s unless they say otherwise")
    func ports() throws {
        var environment = [
            "PEERQUAKE_PEER": "west", "PEERQUAKE_SERVICE": "a/b", "PEERQUAKE_GATEWAY_ADDRESS": "1.2.3.4:5",
            "PEERQUAKE_ISTIOD_ADDRESS": "1.2.3.4:6", "PEERQUAKE_TOKEN": "t", "PEERQUAKE_ADDRESS": "1.2.3.4",
        ]
        #expect(try MeshSettings(environment).balancer().sourcePortRest == .seconds(130))
        #expect(try MeshSettings(environment).loadBalancer(cluster: "west").sourcePortRest == .seconds(130))
        environment["PEERQUAKE_SOURCE_PORT_REST"] = "0s"
        #expect(try MeshSettings(environment).balancer().sourcePortRest == .zero)
        #expect(try MeshSettings(environment).loadBalancer(cluster: "west").sourcePortRest == .zero)
    }
}
