import QuakeBase
import QuakeKube

/// What of a cluster decides whether a configuration fits.
package struct ManifestCluster: Sendable, Equatable {
    /// The context, for messages and command lines.
    package var context: String
    /// Labels of the nodes whose taints let the gateway in, cordoned and NotReady ones included: that passes.
    package var nodes: [String: [String: String]]
    /// `nil` where no node's lease shows it.
    package var leaseRenewal: Duration?
    package var monitorPeriod: Duration
    /// `--node-monitor-grace-period` in force.
    package var gracePeriod: Duration
    /// Kubernetes' minor version, `32` of v1.32.2; `nil` where it is not known.
    package var minor: Int?
    /// The Gateways that stand for peers.
    package var peers: [String]
    /// The class's ConfigMap that is in force; `nil` where there is none.
    package var defaults: Defaults?

    /// A ConfigMap that customises a class of Gateways.
    package struct Defaults: Sendable, Equatable {
        /// Those that istiod knows; it refuses a ConfigMap that has another one.
        package static let keys: Set = [
            "deployment", "service", "serviceAccount", "horizontalPodAutoscaler", "podDisruptionBudget",
        ]

        package var name: String
        package var data: [String: String]

        package init(name: String, data: [String: String]) {
            self.name = name
            self.data = data
        }
    }

    package init(
        context: String, nodes: [String: [String: String]], leaseRenewal: Duration? = nil,
        monitorPeriod: Duration = .seconds(5), gracePeriod: Duration = .seconds(50), minor: Int? = nil,
        peers: [String] = [], defaults: Defaults? = nil
    ) {
        self.context = context
        self.nodes = nodes
        self.leaseRenewal = leaseRenewal
        self.monitorPeriod = monitorPeriod
        self.gracePeriod = gracePeriod
        self.minor = minor
        self.peers = peers
        self.defaults = defaults
    }

    /// Names of the nodes that labels leave in, sorted.
    package func eligible(without labels: [NodeLabel]) -> [String] {
        nodes.filter { node in !labels.contains { $0.isOn(node.value) } }.keys.sorted()
    }

    /// How many pods required anti-affinity by a key lets run on these nodes: one in each domain. A node without the
    /// label belongs to none, and the rule does not hold there.
    func domains(_ key: String, of names: [String]) -> (known: Int, without: [String]) {
        let values = names.compactMap { nodes[$0]?[key] }
        return (Set(values).count, names.filter { nodes[$0]?[key] == nil })
    }
}
