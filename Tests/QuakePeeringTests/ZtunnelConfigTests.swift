import Foundation
import QuakeKube
import Testing

@testable import QuakePeering

@Suite("What a ztunnel knows about other networks")
struct ZtunnelConfigTests {
    private static func config(_ name: String) throws -> ZtunnelConfig {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        return try ZtunnelConfig(parsing: Array(try Data(contentsOf: url)))
    }

    private func ends(_ gateways: [ZtunnelConfig.Gateway]) -> [String] { gateways.map(\.description) }

    @Test("is the node's address and port via NodePort")
    func nodePort() throws {
        let config = try Self.config("config-dump-nodeport")
        #expect(ends(config.dialled(for: "network-west")) == ["172.23.0.3:30542"])
        #expect(ends(config.known(in: "network-west")) == ["172.23.0.3:30542"])
        #expect(config.dialled(for: "network-east").isEmpty && config.known(in: "network-east").isEmpty)
    }

    @Test("is the gateway's own address and port 15008 via LoadBalancer, whose uid names port 0")
    func loadBalancer() throws {
        let config = try Self.config("config-dump-loadbalancer")
        #expect(ends(config.dialled(for: "network-west")) == ["172.23.0.11:15008"])
        #expect(ends(config.known(in: "network-west")) == ["172.23.0.11:15008"])
    }

    @Test("of several addresses it knows all and dials one")
    func several() throws {
        let config = try Self.config("config-dump-two-addresses")
        #expect(ends(config.known(in: "network-west")) == ["172.23.0.3:30542", "172.23.0.6:30542"])
        #expect(ends(config.dialled(for: "network-west", service: "demo/echo")) == ["172.23.0.3:30542"])
        #expect(config.dialled(for: "network-west", service: "demo/ech").isEmpty)
        #expect(config.dialled(for: "network-west", service: "other/echo").isEmpty)
    }

    @Test("is read of a mapping too, by a uid without a list of services, and with a host's name or an IPv6 address")
    func shapes() throws {
        let uid = "n/w/SplitHorizonWorkload/ns/gw/h.example.com/demo/echo.demo.svc.local"
        let config = try ZtunnelConfig(
            parsing: Array(
                """
                {"workloads": {
                  "a": {"uid": "\(uid)", "network": "n/w", "networkGateway":
                    {"destination": "istio-eastwest/h.example.com", "hboneMtlsPort": 0}},
                  "b": {"uid": "NetworkGateway/n/w/fd00::1/31008", "network": "n/w"},
                  "c": {"uid": "east//Pod/demo/x", "networkGateway": null}}}
                """.utf8))
        #expect(ends(config.dialled(for: "n/w", service: "demo/echo")) == ["h.example.com:15008"])
        #expect(ends(config.known(in: "n/w")) == ["[fd00::1]:31008"])
    }

    @Test(
        "is refused with its place where it is something else",
        arguments: [
            ("[]", "workloads: it has no list of workloads"),
            (#"{"workloads": [{"uid": "NetworkGateway/x"}]}"#, "workloads[0].uid: \"NetworkGateway/x\" is not"),
            (#"{"workloads": [{"uid": "NetworkGateway/n/1.1.1.1/70000"}]}"#, "workloads[0].uid: "),
            (#"{"workloads": [{}, {"networkGateway": {}}]}"#, "workloads[1].networkGateway: no destination"),
            (
                #"{"workloads": [{"networkGateway": {"destination": "n/", "hboneMtlsPort": 1}}]}"#,
                "workloads[0].networkGateway.destination: \"n/\" has no address"
            ),
            (
                #"{"workloads": [{"networkGateway": {"destination": "n/1.1.1.1", "hboneMtlsPort": "1"}}]}"#,
                "workloads[0].networkGateway.hboneMtlsPort: no port"
            ),
        ])
    func refused(text: String, words: String) {
        let error = #expect(throws: KubeError.self) { try ZtunnelConfig(parsing: Array(text.utf8)) }
        #expect(error?.code == .decoding)
        #expect(error?.description.contains("ztunnel's config dump: \(words)") == true, "\(String(describing: error))")
    }
}
