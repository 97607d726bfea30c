import QuakeMesh
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

@Suite("The admin port in a load balancer's environment")
struct AdminPortTests {
    private func port(_ text: String?) throws -> Int {
        var environment = ["PEERQUAKE_SERVICE": "a/b", "PEERQUAKE_ADDRESS": "1.2.3.4"]
        environment["PEERQUAKE_ADMIN_PORT"] = text
        return try MeshSettings(environment).loadBalancer(cluster: "west").adminPort
    }

    @Test("is 15021 unless it is another one, as for a Service that has 15021 itself")
    func read() throws {
        #expect(try port(nil) == 15_021)
        #expect(try port("15023") == 15_023)
        for wrong in ["0", "65536", "-1", "x", ""] { #expect(throws: SettingError.self) { try port(wrong) } }
    }
}

@Suite("Settings of tunnels in an agent's environment")
struct TunnelSettingsTests {
    private let balancer = [
        "PEERQUAKE_PEER": "west", "PEERQUAKE_SERVICE": "istio-system/balancer", "PEERQUAKE_TOKEN": "secret",
        "PEERQUAKE_GATEWAY_ADDRESS": "10.0.0.1:15008", "PEERQUAKE_ISTIOD_ADDRESS": "10.0.0.2:15012",
    ]

    private func settings(_ more: [String: String]) throws -> Balancer.Settings {
        try MeshSettings(balancer.merging(more) { $1 }).balancer()
    }

    @Test("are ztunnel's where nothing is set")
    func usual() throws {
        let usual = try settings([:])
        #expect(usual.tunnels == .shared)
        #expect(usual.tunnelTimes == TunnelTimes())
        #expect(usual.streamLimit == 100)
        #expect(usual.hasInnerTunnels)
    }

    @Test("are each read from its variable")
    func read() throws {
        let read = try settings([
            "PEERQUAKE_TUNNELS": "single", "PEERQUAKE_TUNNEL_STREAMS": "7", "PEERQUAKE_TUNNEL_CONNECT_TIMEOUT": "1s",
            "PEERQUAKE_TUNNEL_PING_INTERVAL": "2s", "PEERQUAKE_TUNNEL_PING_TIMEOUT": "3s",
            "PEERQUAKE_TUNNEL_IDLE_RELEASE": "4s", "PEERQUAKE_INNER_TUNNELS": "false",
        ])
        #expect(read.tunnels == .single)
        #expect(read.streamLimit == 7)
        #expect(!read.hasInnerTunnels)
        let times = TunnelTimes(
            connectTimeout: .seconds(1), pingInterval: .seconds(2), pingTimeout: .seconds(3), idleRelease: .seconds(4))
        #expect(read.tunnelTimes == times)
    }

    @Test(
        "are refused by name where they are wrong",
        arguments: [
            ("PEERQUAKE_TUNNELS", "both"), ("PEERQUAKE_TUNNEL_STREAMS", "0"), ("PEERQUAKE_TUNNEL_STREAMS", "many"),
            ("PEERQUAKE_TUNNEL_PING_INTERVAL", "10"), ("PEERQUAKE_INNER_TUNNELS", "yes"),
        ])
    func refuse(name: String, value: String) {
        #expect { try settings([name: value]) } throws: { "\($0)".contains(name) && "\($0)".contains(value) }
    }

    @Test(
        "end a gateway's tunnels 5 s before the grace period does, after 5 s where it is unknown, or as DRAIN says",
        arguments: [
            ([:], Duration.seconds(5)), (["TERMINATION_GRACE_PERIOD_SECONDS": "30"], .seconds(25)),
            (["TERMINATION_GRACE_PERIOD_SECONDS": "3"], .zero),
            (["TERMINATION_GRACE_PERIOD_SECONDS": "30", "PEERQUAKE_DRAIN": "7s"], .seconds(7)),
        ])
    func drain(environment: [String: String], duration: Duration) throws {
        let all = environment.merging(["PEERQUAKE_BACKEND": "demo/echo:8080"]) { $1 }
        #expect(try MeshSettings(all).gateway().drain == duration)
    }
}
