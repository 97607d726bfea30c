import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeRecord
import Synchronization
import Testing

@testable import QuakePeering

@Suite("NodePort peering of open-source Istio", .serialized, .timeLimit(.minutes(2)))
struct IstioNodePortTests {
    /// The first gateway node of a cluster and its address.
    private static func node(of cluster: Cluster) async throws -> IstioServer.Node {
        let place = WorkloadPlace(
            namespace: "istio-eastwest", labels: ["gateway.networking.k8s.io/gateway-name": "istio-eastwest"],
            service: "istio-eastwest", kind: "deployment", name: "istio-eastwest")
        return try #require(try await IstioServer(cluster, place).nodes().first)
    }

    private static func dialled(_ pair: IstioPair, by client: String = "east") async throws -> [String] {
        let config = try await pair.istio.config(of: [:], in: try #require(pair.clusters[client]))
        return config.dialled(for: "network-west", service: "demo/echo").map(\.description)
    }

    @Test("is one Gateway with one address in the client's cluster and no label on the server's, and goes back")
    func switches() async throws {
        try await IstioPair.with { pair in
            let (east, west, peering) = (try pair.east, try pair.west, pair.peering)
            let node = try await Self.node(of: west)
            #expect(try await peering.method(from: east, to: "west") == .loadBalancer)
            #expect(try await peering.refusal(of: .nodePort, to: "west", for: ["east"]) == nil)
            #expect(try await peering.switching(from: east, to: "west", method: .loadBalancer).isEmpty)
            #expect(try await Self.dialled(pair) == ["10.0.0.4:15008"])

            let there = try await peering.switching(from: east, to: "west", method: .nodePort)
            #expect(there.map(\.cluster) == ["east", "west"], "the client's Gateway is there before the label goes")
            #expect(there[0].about == "peer with west via NodePort of \(node.name) (\(node.address):31008)")
            try await there[0].apply()
            let end = "\(node.address):31008"
            var state = try await pair.state()
            #expect(state.label == "network-west" && state.remotes == ["peerquake-nodeport-west network-west \(end)"])
            try await there[1].apply()
            state = try await pair.state()
            #expect(state.label == nil)
            #expect(try await Self.dialled(pair) == [end], "it has waited until ztunnel dials the node")
            #expect(try await peering.method(from: east, to: "west") == .nodePort)
            #expect(try await peering.switching(from: east, to: "west", method: .nodePort).isEmpty)
            let object = try await east.kube.get(
                IstioObjects.gateways("istio-eastwest").named("peerquake-nodeport-west"))
            #expect(object.annotations["gateway.istio.io/service-account"] == "default")
            #expect(object.at("spec", "addresses") == [["type": "IPAddress", "value": .string(node.address)]])

            let back = try await peering.switching(from: east, to: "west", method: .loadBalancer)
            #expect(back.map(\.cluster) == ["west", "east"], "the server's label is there before the client's goes")
            for change in back { try await change.apply() }
            state = try await pair.state()
            #expect(state.label == "network-west" && state.remotes == ["peerquake-nodeport-west - \(end)"])
            #expect(try await Self.dialled(pair) == ["10.0.0.4:15008"])
            #expect(try await peering.method(from: east, to: "west") == .loadBalancer)

            // Once more, by the Gateway that is there.
            for change in try await peering.switching(from: east, to: "west", method: .nodePort) {
                try await change.apply()
            }
            #expect(try await Self.dialled(pair) == [end])
            // What undoes the first way there is what the run's end, or `recover`, carries out.
            for change in there.reversed() {
                let inverse = change.learnt?() ?? change.inverse
                #expect(try await inverse.revert(on: change.cluster == "east" ? east : west) == .done)
            }
            state = try await pair.state()
            #expect(state.label == "network-west" && state.remotes.isEmpty)
        }
    }

    @Test("that a killed run made is known by its mark")
    func killed() async throws {
        try await IstioPair.with { pair in
            let change = try #require(
                try await pair.peering.switching(from: pair.east, to: "west", method: .nodePort).first)
            try await change.apply()
            // The journal of a run that died in the call has no uid yet.
            #expect(try await change.inverse.revert(on: pair.east) == .done)
            #expect(try await pair.state().remotes.isEmpty)
        }
    }

    @Test("that a user made by hand stays theirs: it loses its label, and gets it back")
    func handMade() async throws {
        try await IstioPair.with { pair in
            let (east, west) = (try pair.east, try pair.west)
            let node = try await Self.node(of: west)
            try await east.kube.create(
                [
                    "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
                    "metadata": [
                        "namespace": "istio-eastwest", "name": "by-hand",
                        "labels": ["topology.istio.io/network": "network-west"],
                    ],
                    "spec": [
                        "gatewayClassName": "istio-remote",
                        "addresses": [["type": "IPAddress", "value": .string(node.address)]],
                        "listeners": [["name": "cross-network", "port": 31_008, "protocol": "HBONE"]],
                    ],
                ], at: IstioObjects.gateways("istio-eastwest"))
            let own = IstioObjects.gateways("istio-eastwest").named("istio-eastwest")
            try await west.kube.patch(own, ["metadata": ["labels": ["topology.istio.io/network": .null]]])
            #expect(try await pair.peering.method(from: east, to: "west") == .nodePort)
            let back = try await pair.peering.switching(from: east, to: "west", method: .loadBalancer)
            for change in back { try await change.apply() }
            #expect(try await pair.peering.method(from: east, to: "west") == .loadBalancer)
            #expect(try await pair.state().remotes == ["by-hand - \(node.address):31008"])
            for change in back.reversed() {
                _ = try await change.inverse.revert(on: change.cluster == "east" ? east : west)
            }
            let state = try await pair.state()
            #expect(state.label == nil && state.remotes == ["by-hand network-west \(node.address):31008"])
        }
    }

    @Test("of two clients: the label goes with the last one's Gateway; a client without one is refused")
    func twoClients() async throws {
        try await IstioPair.with(["east", "west", "south"]) { pair in
            let peering = pair.peering
            let refusal = try await peering.refusal(of: .nodePort, to: "west", for: ["east"])
            #expect(refusal?.code == .unsupported)
            #expect(
                refusal?.message
                    == "south: no Gateway of class istio-remote leads to network network-west, and the Gateway of "
                    + "west loses its label for all its clients")
            #expect(try await peering.refusal(of: .nodePort, to: "west", for: ["east", "south"]) == nil)
            let first = try await peering.switching(from: pair.east, to: "west", method: .nodePort)
            #expect(first.map(\.cluster) == ["east"])
            for change in first { try await change.apply() }
            let south = try #require(pair.clusters["south"])
            let last = try await peering.switching(from: south, to: "west", method: .nodePort)
            #expect(last.map(\.cluster) == ["south", "west"])
            for change in last { try await change.apply() }
            for client in ["east", "south"] {
                #expect(try await Self.dialled(pair, by: client).allSatisfy { $0.hasSuffix(":31008") })
            }
        }
    }

    @Test("is refused where the server's pods would change their network, and where nothing is forwarded")
    func refused() async throws {
        try await IstioPair.with(networks: ["west": "other"]) { pair in
            let refusal = try await pair.peering.refusal(of: .nodePort, to: "west", for: ["east"])
            #expect(
                refusal?.message.hasPrefix(
                    "west: Gateway istio-eastwest/istio-eastwest has the label topology.istio.io/network=network-west, and "
                        + "istiod's values.global.network is \"other\"") == true)
            let error = await #expect(throws: ClusterError.self) {
                try await pair.peering.switching(from: pair.east, to: "west", method: .nodePort)
            }
            #expect(error?.code == .unsupported)
            #expect(try await pair.state().remotes.isEmpty)
            // The other direction has what it takes, but for its Service.
            #expect(try await pair.peering.refusal(of: .nodePort, to: "east", for: ["west"]) == nil)
            let east = try pair.east
            try await east.kube.delete(.service("istio-eastwest", "istio-eastwest"))
            try await east.kube.create(
                [
                    "apiVersion": "v1", "kind": "Service",
                    "metadata": ["namespace": "istio-eastwest", "name": "istio-eastwest"],
                    "spec": ["ports": [["name": "mesh", "port": 15_008]]],
                ], at: .services("istio-eastwest"))
            #expect(
                try await pair.peering.refusal(of: .nodePort, to: "east", for: ["west"])?.message
                    == "east: port 15008 of Service istio-eastwest/istio-eastwest has no nodePort")
            try await east.kube.delete(.configMap("istio-system", "istio-sidecar-injector"))
            #expect(
                try await pair.peering.refusal(of: .nodePort, to: "east", for: ["west"])?.message.hasPrefix(
                    "east: there is no ConfigMap istio-system/istio-sidecar-injector") == true)
        }
    }

    @Test("says what it waited for: an address in the status, then what ztunnel knows, then what it dials")
    func waits() async throws {
        try await IstioPair.with(patience: .milliseconds(500)) { pair in
            let (east, istio) = (try pair.east, pair.istio)
            _ = try await Self.dialled(pair)
            let node = try await Self.node(of: pair.west)
            istio.behaviour.withLock { $0.reportsAddresses = false }
            let there = try await pair.peering.switching(from: east, to: "west", method: .nodePort)
            let unreported = await #expect(throws: ClusterError.self) { try await there[0].apply() }
            #expect(unreported?.code == .timeout)
            #expect(
                unreported?.message.contains("status.addresses of the Gateway is nothing, without \(node.address)")
                    == true)
            istio.behaviour.withLock { $0 = FakeIstio.Behaviour(reportsAddresses: true, pushes: false) }
            let again = try await pair.peering.switching(from: east, to: "west", method: .nodePort)
            #expect(again.map(\.cluster) == ["west"])
            let undialled = await #expect(throws: ClusterError.self) { try await again[0].apply() }
            let words = "ztunnel dials 10.0.0.4:15008, and not \(node.address):31008"
            #expect(undialled?.message.contains(words) == true, "\(String(describing: undialled))")
        }
    }

    @Test("is reported as the target set of the client, node by node")
    func records() async throws {
        try await IstioPair.with { pair in
            let agents = try await pair.peering.recordAgents(in: pair.east)
            #expect(agents.map(\.name).first == "targets of ztunnel" && agents.count == 5)
            #expect(agents[1...2].allSatisfy { $0.name.hasPrefix("load of gateway istio-eastwest-") })
            #expect(agents[3].name.hasPrefix("pushes of istiod-"))
            #expect(agents.last?.name.hasPrefix("access log of ztunnel-") == true)
            #expect(try await pair.peering.recordAgents(in: pair.east).map(\.key) == agents.map(\.key))
            let agent = try #require(agents.first)
            let first = try await agent.page(1)
            #expect(first.records.map(\.what) == [.targets(peer: "west", addresses: ["10.0.0.4=10.0.0.4:15008"])])
            #expect(try await agent.page(first.next).records.isEmpty)
            for change in try await pair.peering.switching(from: pair.east, to: "west", method: .nodePort) {
                try await change.apply()
            }
            let node = try await Self.node(of: pair.west)
            let second = try await agent.page(first.next)
            #expect(
                second.records.map(\.what)
                    == [.targets(peer: "west", addresses: ["\(node.name)=\(node.address):31008"])])
            #expect(second.next == 3 && second.incarnation == first.incarnation)
            #expect(try await agent.page(1).records.count == 2)
        }
    }

    @Test("has no view that shows a gateway pod that comes or goes, and says why")
    func views() async throws {
        try await IstioPair.with { pair in
            let (east, west) = (try pair.east, try pair.west)
            var views = try await pair.peering.targetViews(of: west, from: [east])
            #expect(views.map(\.obstacle) == ["what the load balancer of west knows cannot be read"])
            for change in try await pair.peering.switching(from: east, to: "west", method: .nodePort) {
                try await change.apply()
            }
            views = try await pair.peering.targetViews(of: west, from: [east])
            #expect(views.first?.view == .targets(client: "east"))
            #expect(views.first?.obstacle?.contains("whichever nodes run gateways") == true)
        }
    }

    @Test("needs a ztunnel where a prober runs")
    func noProber() async throws {
        try await IstioPair.with { pair in
            let east = try pair.east
            try await east.kube.delete(.deployment("istio-system", "peerquake-prober"))
            let pods = try await east.kube.list(.pods("istio-system"), labels: "app=peerquake-prober").items
            for pod in pods { _ = try? await east.kube.delete(.pod("istio-system", pod.name), gracePeriod: .zero) }
            let error = await #expect(throws: ClusterError.self) {
                try await pair.peering.switching(from: east, to: "west", method: .nodePort)
            }
            #expect(error?.message == "east: no node runs both a ready prober and a ready ztunnel")
            #expect(try await pair.state().remotes.isEmpty, "nothing was made")
        }
    }
}
