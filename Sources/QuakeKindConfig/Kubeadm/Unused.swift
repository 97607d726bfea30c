import QuakeYAML

/// What a configuration says and an embedded cluster does not do.
struct Unused {
    private var places: [String: Set<KindPlace>] = [:]

    /// What counts here: paths in documents, and flags.
    private static let used: Set<String> = [
        "ClusterConfiguration.networking.podSubnet", "ClusterConfiguration.networking.serviceSubnet",
        "ClusterConfiguration.clusterName", "KubeletConfiguration.nodeLeaseDurationSeconds",
        "nodeRegistration.name", "nodeRegistration.taints",
    ]
    private static let usedFlags: Set<String> = [
        "controllerManager --node-monitor-grace-period", "controllerManager --node-monitor-period",
        "kubelet --node-labels", "kubelet --register-with-taints", "kubelet --hostname-override",
    ]
    private static let argumentKeys = ["extraArgs", "kubeletExtraArgs"]
    private static let ignored = ["apiVersion", "kind", "metadata", "featureGates"]

    /// In the order of the file.
    var sorted: [(String, [KindPlace])] {
        places.map { ($0.key, $0.value.sorted()) }.sorted { ($0.1[0], $0.0) < ($1.1[0], $1.0) }
    }

    mutating func collect(_ cluster: WrittenCluster) {
        for (what, place) in cluster.foreign { add(what, place) }
        let shown = ["networking.podSubnet", "networking.serviceSubnet"]
        for (what, place) in cluster.networking.fields where !shown.contains(what) { add(what, place) }
        for gate in cluster.featureGates { add("featureGates", gate.key.place) }
        for entry in cluster.runtimeConfig { add("runtimeConfig", entry.key.place) }
        for node in cluster.nodes { for (what, place) in node.foreign { add(what, place) } }
    }

    /// What patches brought into a document.
    mutating func collect(_ kind: String, _ document: YAMLNode) {
        for pair in document.mapping ?? [] where !Self.ignored.contains(pair.key.scalar ?? "") {
            collect(pair, under: pair.key.scalar == "nodeRegistration" ? [] : [kind])
        }
    }

    private mutating func collect(_ pair: YAMLPair, under path: [String]) {
        let key = pair.key.scalar ?? ""
        let path = path + [key]
        let text = path.joined(separator: ".")
        guard !Self.used.contains(text) else { return }
        if Self.argumentKeys.contains(key) {
            collectFlags(pair.value, of: key == "kubeletExtraArgs" ? "kubelet" : path.dropLast().last ?? "")
        } else if let pairs = pair.value.mapping {
            for pair in pairs { collect(pair, under: path) }
        } else if let elements = pair.value.sequence {
            if let first = elements.first(where: \.isWritten) { add(text, first.place) }
        } else if pair.value.isWritten {
            add(text, pair.value.place)
        }
    }

    private mutating func collectFlags(_ node: YAMLNode, of component: String) {
        for argument in Arguments.read(node, Findings(file: "")) where argument.place.line > 0 {
            let text = "\(component) --\(argument.flag)"
            if !Self.usedFlags.contains(text) { add(text, argument.place) }
        }
    }

    private mutating func add(_ what: String, _ place: KindPlace) { places[what, default: []].insert(place) }
}
