/// Where everything of one embedded cluster lives on loopback: 127.X.0.0/16 is the process's, X from 64 to 127, and a
/// quarter of it is this cluster's.
///
///     127.X.(64·c + 0).10…      nodes
///     127.X.(64·c + 1…31).1…    pods
///     127.X.(64·c + 32…47).1…   Services
///     127.X.(64·c + 48…55).1…   load balancers
///     127.X.(64·c + 56).1       the API server
package struct AddressPlan: Sendable, Hashable {
    /// X.
    package var network: Int
    /// c, from 0 to 3.
    package var cluster: Int

    package init(network: Int, cluster: Int) {
        self.network = network
        self.cluster = cluster
    }

    private func address(_ block: Int, _ index: Int, blocks: Int) -> String {
        let slot = index % (blocks * 253)
        return "127.\(network).\(cluster * 64 + block + slot / 253).\(slot % 253 + 1)"
    }

    /// The address of a node, from 0 to 243.
    package func node(_ index: Int) -> String { address(0, index + 9, blocks: 1) }
    /// The address of a pod, from 0; after 31 × 253 of them the first ones come again.
    package func pod(_ index: Int) -> String { address(1, index, blocks: 31) }
    /// The ClusterIP of a Service, from 0; after 16 × 253 of them the first ones come again.
    package func service(_ index: Int) -> String { address(32, index, blocks: 16) }
    /// The address of a load balancer, from 0; after 8 × 253 of them the first ones come again.
    package func loadBalancer(_ index: Int) -> String { address(48, index, blocks: 8) }
    package var api: String { address(56, 0, blocks: 1) }
    package static let apiPort = 6443
}
