import QuakeAudit
import QuakeKube

extension RuleCase {
    private static let gateway = "istio-eastwest"
    private static let remote = "istio-remote-peer-west"
    private static let cluster = "topology.istio.io/cluster"
    private static let network = "topology.istio.io/network"

    static let peering: [RuleCase] = [
        RuleCase("cluster-label-missing", "topology.istio.io/cluster]", "absent", needs: .deployments) {
            $0.edit(.deployments, gateway) { $0["metadata"]?["labels"]?[cluster] = nil }
        },
        RuleCase("cluster-label-missing", on: "solo", "topology.istio.io/cluster]", "absent", needs: .gateways) {
            $0.edit(.gateways, gateway) { $0["metadata"]?["labels"]?[cluster] = nil }
            $0.edit(.deployments, gateway) { $0["metadata"]?["labels"]?[cluster] = nil }
        },
        RuleCase("network-label-missing", on: "solo", "topology.istio.io/network]", "absent", needs: .gateways) {
            $0.edit(.gateways, gateway) { $0["metadata"]?["labels"]?[network] = nil }
        },
        RuleCase("network-label-missing", on: "istio", "topology.istio.io/network]", "absent", needs: .gateways) {
            $0.balance("east", to: "192.0.2.2")
        },
        RuleCase("gateway-address-missing", "status.loadBalancer.ingress", "absent", needs: .services) {
            $0.edit(.services, gateway) { $0["status"] = nil }
        },
        RuleCase("external-traffic-policy-cluster", "externalTrafficPolicy", "Cluster", needs: .services) {
            $0.edit(.services, gateway) { $0.set("Cluster", at: "spec", "externalTrafficPolicy") }
        },
        RuleCase("gateway-node-no-internal-ip", "status.addresses", "ExternalIP", needs: .nodes) {
            $0.edit(.nodes, "west-w1") {
                $0.set([["type": "ExternalIP", "address": "198.51.100.1"]], at: "status", "addresses")
            }
        },
        RuleCase("gateway-node-unreachable", "InternalIP]", "10.2.0.2", needs: .nodes) { world in
            for index in world.snapshot.clusters.indices {
                world.snapshot.clusters[index].reach?["10.2.0.2:31008"] = "connection refused"
            }
        },
        RuleCase("flat-network", on: "solo", in: "east", "topology.istio.io/network]", "net-east", needs: .gateways) {
            $0.edit(.gateways, gateway) { $0["metadata"]?["labels"]?[network] = "net-east" }
        },
        RuleCase(
            "peer-gateway-incomplete", on: "istio", in: "east", "gateway.istio.io/service-account]", "absent",
            needs: .gateways
        ) {
            $0.edit(.gateways, remote, in: "east") { $0["metadata"]?["annotations"] = nil }
        },
        RuleCase(
            "peer-gateway-incomplete", on: "solo", in: "east", "topology.istio.io/cluster]", "absent", needs: .gateways
        ) {
            $0.edit(.gateways, remote, in: "east") { $0["metadata"]?["labels"]?[cluster] = nil }
        },
    ]

    static let solo: [RuleCase] = [
        RuleCase(
            "solo-annotation-case", on: "solo", in: "east", "preferred-data-plane-service-type]", "NodePort",
            needs: .gateways
        ) {
            $0.edit(.gateways, remote, in: "east") {
                $0["metadata"]?["annotations"]?["peering.solo.io/preferred-data-plane-service-type"] = "NodePort"
            }
        },
        RuleCase("solo-annotation-case", on: "solo", "/data-plane-service-type]", "Nodeport", needs: .gateways) {
            $0.edit(.gateways, gateway) {
                $0["metadata"]?["annotations"]?["peering.solo.io/data-plane-service-type"] = "Nodeport"
            }
        },
        RuleCase(
            "solo-annotation-one-sided", on: "solo", in: "east", "/data-plane-service-type]", "absent", needs: .gateways
        ) {
            $0.edit(.gateways, gateway) { $0["metadata"]?["annotations"] = nil }
        },
        RuleCase("solo-nodeport-missing", on: "solo", "image", "1.27.3", needs: .deployments) {
            $0.pod(of: "istiod") { $0["containers"]?[0]?["image"] = "example.com/istio/pilot:1.27.3-solo" }
        },
        RuleCase("solo-nodeport-beta", on: "solo", "image", "1.29.0", needs: .deployments) {
            $0.pod(of: "istiod") { $0["containers"]?[0]?["image"] = "example.com/istio/pilot:1.29.0-solo" }
        },
        RuleCase("solo-peer-conditions", on: "solo", in: "east", "PeerConnected].status", "False", needs: .gateways) {
            $0.edit(.gateways, remote, in: "east") { gateway in
                gateway["status"]?["conditions"]?[2] = ["type": "gloo.solo.io/PeerConnected", "status": "False"]
            }
        },
    ]

    static let istio: [RuleCase] = [
        RuleCase(
            "istio-remote-several-addresses", on: "istio", in: "east", "spec.addresses", "10.2.0.2, 10.2.0.3",
            needs: .gateways
        ) {
            $0.edit(.gateways, remote, in: "east") { $0.address("10.2.0.2", "10.2.0.3") }
        },
        RuleCase("istio-remote-stale-address", on: "istio", in: "east", "spec.addresses", "10.2.0.4", needs: .gateways)
        {
            $0.edit(.gateways, remote, in: "east") { $0.address("10.2.0.4") }
        },
        RuleCase("istio-remote-stale-address", on: "istio", in: "east", "InternalIP]", "10.2.0.3", needs: .gateways) {
            $0.edit(.nodes, "west-w1") {
                $0.set([["type": "Ready", "status": "Unknown"]], at: "status", "conditions")
            }
        },
        RuleCase("istio-remote-wrong-port", on: "istio", in: "east", "15008].nodePort", "31008", needs: .gateways) {
            $0.edit(.gateways, remote, in: "east") { $0["spec"]?["listeners"]?[0]?["port"] = 15_008 }
        },
        RuleCase("istio-network-label-left", on: "istio", "topology.istio.io/network]", "net-west", needs: .gateways) {
            $0.edit(.gateways, gateway) { $0["metadata"]?["labels"]?[network] = "net-west" }
        },
    ]

    static let istiod: [RuleCase] = [
        RuleCase("istiod-single-replica", "spec.replicas", "1", needs: .autoscalers) {
            $0.edit(.deployments, "istiod") { $0.set(1, at: "spec", "replicas") }
        },
        RuleCase("istiod-not-spread", "podAntiAffinity", "absent", needs: .deployments) {
            $0.pod(of: "istiod") { $0["affinity"] = nil }
        },
        RuleCase("istiod-anti-affinity-selector", on: "istio", "labelSelector", "main", needs: .deployments) {
            $0.pod(of: "istiod") {
                $0["affinity"]?["podAntiAffinity"]?["preferredDuringSchedulingIgnoredDuringExecution"]?[0]?[
                    "podAffinityTerm"]?["labelSelector"] = [
                        "matchExpressions": [["key": "istio.io/rev", "operator": "In", "values": ["main"]]]
                    ]
            }
        },
        RuleCase("istiod-too-few-nodes", "spec.replicas", "5", needs: .nodes) { world in
            world.edit(.deployments, "istiod") { $0.set(5, at: "spec", "replicas") }
            world.pod(of: "istiod") {
                let term = $0.at(
                    "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution", 0,
                    "podAffinityTerm")
                $0["affinity"] = [
                    "podAntiAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": [term ?? .null]]
                ]
            }
        },
        RuleCase("istiod-affinity-ignored", on: "istio", ": affinity", "hostname", needs: .configmaps) {
            $0.istiodValues(
                """
                {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": ["hostname"]}},
                 "pilot": {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": ["zone"]}}}}
                """)
        },
        RuleCase("istiod-affinity-ignored", on: "istio", "pilot.affinity", "null", needs: .configmaps) {
            $0.istiodValues(#"{"affinity": {"podAntiAffinity": {}}, "pilot": {"affinity": null}}"#)
        },
        RuleCase("istiod-affinity-ignored", on: "solo", "template.spec.affinity", "absent", needs: .configmaps) {
            $0.pod(of: "istiod") { $0["affinity"] = nil }
            $0.istiodValues(#"{"pilot": {"affinity": {"podAntiAffinity": {}}}}"#)
        },
        RuleCase("istiod-with-gateway", "spec.nodeName", "west-w2", needs: .pods) {
            $0.remove(.pods, "istiod-2")
        },
    ]

    static let detection: [RuleCase] = [
        RuleCase("node-grace-period-changed", "--node-monitor-grace-period", "16s", needs: .pods) {
            $0.flag("--node-monitor-grace-period=16s")
        },
        RuleCase("node-grace-period-below-renewal", "--node-monitor-grace-period", "8s", needs: .leases) {
            $0.flag("--node-monitor-grace-period=8s")
        },
    ]

    static let customisation: [RuleCase] = [
        RuleCase("defaults-unknown-key", on: "istio", "data.deployments", "present", needs: .configmaps) {
            $0.edit(.configmaps, "eastwest-defaults") { $0["data"]?["deployments"] = "spec: {}" }
        },
        RuleCase("defaults-invalid-patch", on: "solo", "data.service", "replicas", needs: .configmaps) {
            $0.edit(.configmaps, "eastwest-defaults") { $0["data"]?["service"] = "replicas: 3" }
        },
        RuleCase("defaults-invalid-patch", on: "istio", "data.deployment", "spec: [", needs: .configmaps) {
            $0.edit(.configmaps, "eastwest-defaults") { $0["data"]?["deployment"] = "spec: [" }
        },
        RuleCase("defaults-no-such-class", on: "istio", "defaults-for-class]", "istio-eastwest", needs: .gatewayclasses)
        {
            $0.edit(.configmaps, "eastwest-defaults") {
                $0["metadata"]?["labels"] = ["gateway.istio.io/defaults-for-class": "istio-eastwest"]
            }
        },
        RuleCase("defaults-several", on: "istio", "creationTimestamp", "2026-10-02", needs: .configmaps) { world in
            world.items(.configmaps, in: "west") { maps in
                guard var other = maps.first else { return }
                other.set("younger", at: "metadata", "name")
                other.set("2026-10-02T00:00:00Z", at: "metadata", "creationTimestamp")
                maps.append(other)
            }
        },
    ]
}

extension JSONValue {
    fileprivate mutating func address(_ values: String...) {
        set(.array(values.map { ["type": "IPAddress", "value": .string($0)] }), at: "spec", "addresses")
    }
}

extension World {
    /// Of istiod's chart in west.
    fileprivate mutating func istiodValues(_ text: String) {
        edit(.configmaps, "values") { $0["data"]?["original-values"] = .string(text) }
    }

    /// Of the controller manager of west.
    fileprivate mutating func flag(_ text: String) {
        edit(.pods, "kube-controller-manager") {
            $0["spec"]?["containers"]?[0]?["command"] = ["kube-controller-manager", .string(text)]
        }
    }
}
