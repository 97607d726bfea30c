import Foundation
import QuakeAudit
import QuakeKube
import QuakeTestSupport
import Testing

@testable import peerquake

/// What `audit --reach` dials.
@Suite("Dialling the nodes of gateways", .timeLimit(.minutes(2)))
struct ReachTests {
    /// The stand-in's pair, with gateways on three nodes of west whose addresses and nodePort are those of this machine.
    private static func snapshot(_ addresses: [String], port: Int) throws -> AuditSnapshot {
        let file = BuiltCommand.root.appending(path: "Tests/QuakeAuditTests/Fixtures/standin.json")
        var snapshot = try AuditSnapshot(parsing: Array(Data(contentsOf: file)), file: "standin.json")
        for index in snapshot.clusters.indices { snapshot.clusters[index].reach = nil }
        let west = try #require(snapshot.clusters.firstIndex { $0.name == "west" })
        func edit(_ resource: AuditResource, _ change: (inout [JSONValue]) throws -> Void) throws {
            var items = try snapshot.clusters[west].items(resource)
            try change(&items)
            snapshot.clusters[west].lists[resource] = .items(items)
        }
        try edit(.nodes) { nodes in
            for (number, address) in addresses.enumerated() {
                let index = try #require(nodes.firstIndex { $0.name == "west-w\(number + 1)" })
                nodes[index].set([["type": "InternalIP", "address": .string(address)]], at: "status", "addresses")
            }
        }
        try edit(.pods) { pods in
            var third = try #require(pods.first { $0.name == "gateway-1" })
            third.set("gateway-3", at: "metadata", "name")
            third.set("west-w3", at: "spec", "nodeName")
            pods.append(third)
        }
        try edit(.services) { services in
            let index = try #require(services.firstIndex { $0.name == "istio-eastwest" })
            services[index].set(
                [["name": "hbone", "port": 15_008, "nodePort": .int(Int64(port))]], at: "spec", "ports")
        }
        // Nothing of east is dialled: its addresses lead elsewhere.
        let east = try #require(snapshot.clusters.firstIndex { $0.name == "east" })
        snapshot.clusters[east].lists[.pods] = .items(
            try snapshot.clusters[east].items(.pods).filter { !$0.name.hasPrefix("gateway-") })
        return snapshot
    }

    @Test("tells a node that answers from one that refuses and from one that is silent, in bounded time")
    func three() async throws {
        let silent = try #require(FullBacklog())
        // Whoever is let in is sent on to where nobody is.
        let open = TCPGate(to: "127.203.0.1", port: UInt16(silent.port))
        defer { open.stop() }
        let addresses = [open.address, "127.202.0.1", "127.0.0.1"]
        let before = try Self.snapshot(addresses, port: silent.port)
        let snapshot = await Reach.dialled(before, timeout: Duration.milliseconds(500))
        let reach = try #require(snapshot.clusters.first { $0.name == "west" }?.reach)
        #expect(
            reach == [
                "\(addresses[0]):\(silent.port)": "connected",
                "\(addresses[1]):\(silent.port)": "connection refused",
                "\(addresses[2]):\(silent.port)": "no answer within 0.5 s",
            ])
        #expect(snapshot.clusters.first { $0.name == "east" }?.reach == [:])

        let found = try Auditor().report(on: snapshot).findings.filter { $0.rule.id == "gateway-node-unreachable" }
        #expect(
            found.map(\.message) == [
                "\(addresses[1]):\(silent.port) of node west-w2 does not answer: connection refused",
                "\(addresses[2]):\(silent.port) of node west-w3 does not answer: no answer within 0.5 s",
            ])
        // What was dialled is saved with the rest.
        let saved = try AuditSnapshot(parsing: Array(snapshot.text.utf8), file: "saved")
        #expect(saved == snapshot)
    }
}
