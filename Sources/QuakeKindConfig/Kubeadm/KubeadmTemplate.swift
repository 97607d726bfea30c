import QuakeYAML

/// The kubeadm documents that kind writes for a node before it patches them (its pkg/cluster/internal/kubeadm/config.go).
///
/// What only a real node has, its addresses and the token, is made up.
struct KubeadmTemplate {
    let cluster: WrittenCluster
    let node: WrittenNode
    /// The node's own.
    let name: String
    let isControlPlane: Bool
    let version: KubernetesVersion

    private static let token = "abcdef.0123456789abcdef"
    private static let address = "172.18.0.2"

    /// kubeadm's own kinds; the kubelet's and kube-proxy's have groups of their own.
    static let kinds = ["ClusterConfiguration", "InitConfiguration", "JoinConfiguration"]

    /// The documents' kinds, in their order.
    static func kinds(of cluster: WrittenCluster) -> [String] {
        let isProxied = cluster.networking.kubeProxyMode.value != "none"
        return kinds + ["KubeletConfiguration"] + (isProxied ? ["KubeProxyConfiguration"] : [])
    }

    static func apiVersion(_ kind: String, _ version: KubernetesVersion) -> String {
        switch kind {
        case "KubeletConfiguration": "kubelet.config.k8s.io/v1beta1"
        case "KubeProxyConfiguration": "kubeproxy.config.k8s.io/v1alpha1"
        default: "kubeadm.k8s.io/\(version.kubeadm)"
        }
    }

    /// A document for each kind, in kind's order.
    var documents: [(kind: String, body: YAMLNode)] {
        Self.kinds(of: cluster).map { kind in
            let head: [(String, YAMLNode)] = [
                ("apiVersion", .text(Self.apiVersion(kind, version))), ("kind", .text(kind)),
                ("metadata", .tree([("name", .text("config"))])),
            ]
            return (kind, .tree(head + fields(kind)))
        }
    }

    private func fields(_ kind: String) -> [(String, YAMLNode)] {
        switch kind {
        case "ClusterConfiguration": clusterFields
        case "InitConfiguration": initFields
        case "JoinConfiguration": joinFields
        case "KubeletConfiguration": kubeletFields
        default: proxyFields
        }
    }

    private var clusterFields: [(String, YAMLNode)] {
        let address = isIPv6 ? "::1" : "127.0.0.1"
        let server: [(String, YAMLNode)] = [
            ("certSANs", .list([.text("localhost"), .text(address)])),
            ("extraArgs", arguments([("runtime-config", runtimeConfig)] + gates)),
        ]
        let bind: [(String, String)] = isIPv6 ? [("bind-address", "::")] : []
        let manager = arguments(gates + [("enable-hostpath-provisioner", "true")] + bind)
        let scheduler = arguments(gates + (isIPv6 ? [("bind-address", "::1")] : []))
        let networking: [(String, YAMLNode)] = [
            ("podSubnet", .text(podSubnet)), ("serviceSubnet", .text(serviceSubnet)),
        ]
        return [
            ("kubernetesVersion", .text(version.description)), ("clusterName", .text(cluster.name.value)),
            ("controlPlaneEndpoint", .text(endpoint)), ("apiServer", .tree(server)),
            ("controllerManager", .tree([("extraArgs", manager)])),
            ("scheduler", .tree([("extraArgs", scheduler)])), ("networking", .tree(networking)),
        ]
    }

    private var initFields: [(String, YAMLNode)] {
        [
            ("bootstrapTokens", .list([.tree([("token", .text(Self.token))])])), ("localAPIEndpoint", apiEndpoint),
            ("nodeRegistration", registration), ("skipPhases", .list([.text("preflight")])),
        ]
    }

    private var joinFields: [(String, YAMLNode)] {
        let discovery: [(String, YAMLNode)] = [
            ("apiServerEndpoint", .text(endpoint)), ("token", .text(Self.token)),
            ("unsafeSkipCAVerification", .typed("true")),
        ]
        let plane: [(String, YAMLNode)] =
            isControlPlane ? [("controlPlane", .tree([("localAPIEndpoint", apiEndpoint)]))] : []
        return plane + [
            ("nodeRegistration", registration), ("discovery", .tree([("bootstrapToken", .tree(discovery))])),
            ("skipPhases", .list([.text("preflight")])),
        ]
    }

    private var kubeletFields: [(String, YAMLNode)] {
        let eviction = ["nodefs.available", "nodefs.inodesFree", "imagefs.available"]
        var fields: [(String, YAMLNode)] = [
            ("cgroupDriver", .text(version.isBefore(24) ? "cgroupfs" : "systemd")), ("cgroupRoot", .text("/kubelet")),
            ("failSwapOn", .typed("false")), ("imageGCHighThresholdPercent", .typed("100")),
            ("evictionHard", .tree(eviction.map { ($0, .text("0%")) })),
        ]
        if isIPv6 { fields += [("address", .text("::")), ("healthzBindAddress", .text("::"))] }
        return fields + gateFields
    }

    private var proxyFields: [(String, YAMLNode)] {
        let fields: [(String, YAMLNode)] = [
            ("mode", .text(cluster.networking.kubeProxyMode.value)),
            ("iptables", .tree([("minSyncPeriod", .text("1s"))])), ("conntrack", .tree([("maxPerCore", .typed("0"))])),
        ]
        return fields + gateFields
    }

    // MARK: - Parts

    private var registration: YAMLNode {
        let own = arguments([
            ("node-ip", Self.address), ("provider-id", "kind://docker/\(cluster.name.value)/\(name)"),
            ("node-labels", node.labelText),
        ])
        return .tree([("criSocket", .text("unix:///run/containerd/containerd.sock")), ("kubeletExtraArgs", own)])
    }

    private var apiEndpoint: YAMLNode {
        .tree([("advertiseAddress", .text(Self.address)), ("bindPort", .typed("6443"))])
    }

    private var endpoint: String {
        let planes = cluster.nodes.count { $0.role.value == "control-plane" }
        return "\(cluster.name.value)-\(planes > 1 ? "external-load-balancer" : "control-plane"):6443"
    }

    /// A list of names and values in v1beta4, a mapping before; nothing at all where there are none.
    private func arguments(_ pairs: [(String, String)]) -> YAMLNode {
        guard !pairs.isEmpty else { return .typed("null") }
        guard version.kubeadm == "v1beta4" else { return .tree(pairs.map { ($0.0, .text($0.1)) }) }
        return .list(pairs.map { .tree([("name", .text($0.0)), ("value", .text($0.1))]) })
    }

    private var gates: [(String, String)] {
        guard !cluster.featureGates.isEmpty else { return [] }
        let texts = sortedGates.map { "\($0.key.value)=\($0.value)" }
        return [("feature-gates", texts.joined(separator: ","))]
    }

    private var gateFields: [(String, YAMLNode)] {
        guard !cluster.featureGates.isEmpty else { return [] }
        return [("featureGates", .tree(sortedGates.map { ($0.key.value, .typed("\($0.value)")) }))]
    }

    private var sortedGates: [(key: Written<String>, value: Bool)] {
        cluster.featureGates.sorted { $0.key.value < $1.key.value }
    }

    private var runtimeConfig: String {
        cluster.runtimeConfig.sorted { $0.key.value < $1.key.value }.map { "\($0.key.value)=\($0.value.value)" }
            .joined(separator: ",")
    }

    private var isIPv6: Bool { cluster.networking.ipFamily.value == "ipv6" }

    private var podSubnet: String {
        let written = cluster.networking.podSubnet.value
        return written.isEmpty ? byFamily("10.244.0.0/16", "fd00:10:244::/56") : written
    }

    private var serviceSubnet: String {
        let written = cluster.networking.serviceSubnet.value
        return written.isEmpty ? byFamily("10.96.0.0/16", "fd00:10:96::/112") : written
    }

    private func byFamily(_ four: String, _ six: String) -> String {
        switch cluster.networking.ipFamily.value {
        case "ipv6": six
        case "dual": "\(four),\(six)"
        default: four
        }
    }
}
