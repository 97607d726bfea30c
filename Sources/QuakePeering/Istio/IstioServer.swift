import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

/// What a cluster of open-source Istio shows its clients: its east-west Gateway, its network, and the ends of its gateway.
struct IstioServer: Sendable {
    let cluster: Cluster
    /// The east-west Gateway.
    let gateway: JSONValue
    private let place: WorkloadPlace

    init(_ cluster: Cluster, _ place: WorkloadPlace) async throws {
        self.cluster = cluster
        self.place = place
        gateway = try await cluster.kube.get(IstioObjects.gateways(place.namespace).named(place.name))
    }

    /// The network that the Gateway announces; `nil` where it does not.
    var announced: String? { gateway.labels[WellKnown.network] }

    /// Where clients reach the Gateway itself.
    var addresses: [String] {
        (gateway[path: "status.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
    }

    /// The network that the cluster belongs to: the label of istiod's namespace.
    static func network(of cluster: Cluster) async throws -> String {
        let namespace = try await cluster.kube.get(.namespace(MeshNames.systemNamespace))
        guard let network = namespace.labels[WellKnown.network], !network.isEmpty else {
            throw ClusterError(
                .unsupported,
                "\(cluster.name): namespace \(MeshNames.systemNamespace) has no label \(WellKnown.network): its network is "
                    + "not known")
        }
        return network
    }

    /// istiod's `values.global.network`, empty where it has none. Without its Gateway's label a gateway's pods are of that one
    /// (istio 1.27.9, `pilot/pkg/config/kube/gateway/deploymentcontroller.go`).
    func globalNetwork() async throws -> String {
        let deployment = try await cluster.kube.get(.deployment(MeshNames.systemNamespace, MeshNames.istiod))
        let revision = deployment.labels[WellKnown.istioRevision] ?? "default"
        let name = revision == "default" ? IstioNames.injector : "\(IstioNames.injector)-\(revision)"
        let path = ResourcePath.configMap(MeshNames.systemNamespace, name)
        let found: JSONValue
        do throws(KubeError) {
            found = try await cluster.kube.get(path)
        } catch {
            guard error.code == .notFound else { throw error }
            throw ClusterError(
                .unsupported,
                "\(cluster.name): there is no ConfigMap \(MeshNames.systemNamespace)/\(name), which has istiod's "
                    + "values.global.network")
        }
        do throws(KubeError) {
            let values = try JSONValue(parsing: found.at("data", "values")?.stringValue ?? "")
            return values[path: "global.network"]?.stringValue ?? ""
        } catch {
            throw error.within("\(cluster.name): ConfigMap \(MeshNames.systemNamespace)/\(name): values")
        }
    }

    /// The nodePort of the Service's port 15008.
    ///
    /// - Throws: `.unsupported` where it has none.
    func nodePort() async throws -> Int {
        let name = place.service ?? place.name
        let service = ServiceView(try await cluster.kube.get(.service(place.namespace, name)))
        let port = service.ports.first { $0["port"]?.intValue == MeshPort.gateway }?["nodePort"]?.intValue
        guard let port, port > 0 else {
            throw ClusterError(
                .unsupported,
                "\(cluster.name): port \(MeshPort.gateway) of Service \(place.namespace)/\(name) has no nodePort",
                hint: "Its type must be LoadBalancer or NodePort, and allocateLoadBalancerNodePorts must not be false.")
        }
        return port
    }

    /// A node that clients may dial, and the account of the gateway on it.
    struct Node: Sendable, Equatable {
        var name: String
        var address: String
        var account: String
    }

    /// The Ready nodes with an InternalIP that run a ready gateway pod, by their names.
    func nodes() async throws -> [Node] {
        let pods = try await cluster.kube.list(.pods(place.namespace), labels: place.selector).items
        let ready = pods.filter { PodView($0).isReady && !$0.isBeingDeleted }
        return try await cluster.kube.list(.nodes).items.map { NodeView($0) }.filter(\.isReady).compactMap { node in
            guard let address = node.internalIP, let pod = ready.first(where: { PodView($0).node == node.name }) else {
                return nil
            }
            let account = pod[path: "spec.serviceAccountName"]?.stringValue ?? place.name
            return Node(name: node.name, address: address, account: account)
        }.sorted { $0.name < $1.name }
    }
}
