import QuakePlan
import QuakeYAML

/// Decodes kind's configuration of v1alpha4 (kind's pkg/apis/config/v1alpha4/types.go), and finds all that its strict
/// decoder refuses.
struct ConfigReader {
    private static let patchFields = ["kubeadmConfigPatches", "kubeadmConfigPatchesJSON6902"]
    private static let containerdFields = ["containerdConfigPatches", "containerdConfigPatchesJSON6902"]
    private static let clusterFields =
        ["kind", "apiVersion", "name", "nodes", "networking", "featureGates", "runtimeConfig"] + patchFields
        + containerdFields
    private static let nodeFields = ["role", "image", "labels", "extraMounts", "extraPortMappings"] + patchFields
    private static let networkingFields = [
        "ipFamily", "apiServerPort", "apiServerAddress", "podSubnet", "serviceSubnet", "disableDefaultCNI",
        "kubeProxyMode", "dnsSearch",
    ]

    private let findings: Findings
    private let patchReader: PatchReader

    init(text: String, findings: Findings) {
        self.findings = findings
        // A carriage return and a line feed are one character.
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        patchReader = PatchReader(lines: lines, findings: findings)
    }

    /// - Returns: `nil` for what is no configuration of v1alpha4; that is told.
    func cluster(_ root: YAMLNode) -> WrittenCluster? {
        guard root.mapping != nil else {
            findings.refuse(.kind, root.place, "a configuration is a mapping, and there is a \(root.kindName)")
            return nil
        }
        guard isOurs(root), let fields = Fields(root, "Cluster", Self.clusterFields, findings) else { return nil }
        var cluster = WrittenCluster(place: root.place)
        if let name = fields.text("name"), !name.value.isEmpty { cluster.name = name }
        if let node = fields.pair("networking")?.value { cluster.networking = networking(node) }
        cluster.featureGates = fields.mapping("featureGates").compactMap { pair in
            let key = Written(pair.key.scalar ?? "", pair.key.place)
            return Fields.flag(pair.value, "featureGates.\(key.value)", findings).map { (key, $0.value) }
        }
        cluster.runtimeConfig = texts(fields.mapping("runtimeConfig"), "runtimeConfig")
        cluster.patches = patches(of: fields)
        cluster.nodes = fields.elements("nodes").map(node)
        if cluster.nodes.isEmpty { cluster.nodes = [WrittenNode(place: root.place)] }
        for key in Self.containerdFields { _ = fields.texts(key) }
        cluster.foreign = fields.written(Self.containerdFields)
        return cluster
    }

    private func isOurs(_ root: YAMLNode) -> Bool {
        let version = root["apiVersion"]
        guard version?.scalar == "kind.x-k8s.io/v1alpha4" else {
            let seen = version.map { $0.isNull ? "no apiVersion" : "apiVersion \($0.shown)" } ?? "no apiVersion"
            findings.refuse(
                .kind, version?.place ?? root.place, "\(seen), where apiVersion: kind.x-k8s.io/v1alpha4 must stand")
            return false
        }
        let kind = root["kind"]
        guard kind?.scalar == "Cluster" else {
            let seen = kind.map { $0.isNull ? "no kind" : "kind \($0.shown)" } ?? "no kind"
            findings.refuse(.kind, kind?.place ?? root.place, "\(seen), where kind: Cluster must stand")
            return false
        }
        return true
    }

    private func texts(_ pairs: [YAMLPair], _ what: String) -> [(key: Written<String>, value: Written<String>)] {
        pairs.compactMap { pair in
            guard let value = pair.value.isNull ? "" : pair.value.scalar else {
                findings.refuse(.kind, pair.value.place, "\(what) holds texts, and there is a \(pair.value.kindName)")
                return nil
            }
            return (Written(pair.key.scalar ?? "", pair.key.place), Written(value, pair.value.place))
        }
    }

    private func patches(of fields: Fields) -> WrittenPatches {
        WrittenPatches(
            merges: fields.texts("kubeadmConfigPatches").flatMap(patchReader.merges),
            operations: fields.elements("kubeadmConfigPatchesJSON6902").compactMap(patchReader.operations))
    }

    private func networking(_ node: YAMLNode) -> WrittenCluster.Networking {
        var networking = WrittenCluster.Networking()
        guard let fields = Fields(node, "networking", Self.networkingFields, findings) else { return networking }
        if let family = fields.text("ipFamily"), !family.value.isEmpty { networking.ipFamily = family }
        if let port = fields.number("apiServerPort") { networking.apiServerPort = port }
        if let subnet = fields.text("podSubnet") { networking.podSubnet = subnet }
        if let subnet = fields.text("serviceSubnet") { networking.serviceSubnet = subnet }
        if let mode = fields.text("kubeProxyMode"), !mode.value.isEmpty { networking.kubeProxyMode = mode }
        networking.disablesCNI = fields.flag("disableDefaultCNI")?.value ?? false
        _ = fields.text("apiServerAddress")
        _ = fields.texts("dnsSearch")
        networking.fields = fields.written(Self.networkingFields, in: "networking.")
        return networking
    }

    private func node(_ node: YAMLNode) -> WrittenNode {
        var written = WrittenNode(place: node.place)
        guard let fields = Fields(node, "a node", Self.nodeFields, findings) else { return written }
        if let role = fields.text("role"), !role.value.isEmpty { written.role = role }
        if let image = fields.text("image"), !image.value.isEmpty { written.image = image }
        if let pair = fields.pair("labels") {
            written.labelsPlace = pair.value.place
            written.labels = texts(fields.mapping("labels"), "labels").map { ($0.key, $0.value.value) }
        }
        for element in fields.elements("extraMounts") { mount(element) }
        written.ports = fields.elements("extraPortMappings").map(port)
        written.patches = patches(of: fields)
        written.foreign = fields.written(["extraMounts", "extraPortMappings"])
        return written
    }

    private func mount(_ node: YAMLNode) {
        let known = ["containerPath", "hostPath", "readOnly", "selinuxRelabel", "propagation"]
        guard let fields = Fields(node, "a mount", known, findings) else { return }
        _ = (fields.text("containerPath"), fields.text("hostPath"))
        _ = (fields.flag("readOnly"), fields.flag("selinuxRelabel"))
        let allowed = ["None", "HostToContainer", "Bidirectional"]
        if let way = fields.text("propagation"), !way.value.isEmpty, !allowed.contains(way.value) {
            findings.refuse(
                .kind, way.place,
                "unknown propagation \"\(way.value)\"\(Suggestion.hint(for: way.value, among: allowed))")
        }
    }

    private func port(_ node: YAMLNode) -> WrittenPort {
        var port = WrittenPort(place: node.place)
        let known = ["containerPort", "hostPort", "listenAddress", "protocol"]
        guard let fields = Fields(node, "a port mapping", known, findings) else { return port }
        if let host = fields.number("hostPort") { port.host = host }
        if let container = fields.number("containerPort") { port.container = container }
        if let address = fields.text("listenAddress") { port.address = address }
        let allowed = ["TCP", "UDP", "SCTP"]
        if let transport = fields.text("protocol"), !transport.value.isEmpty {
            port.transport = transport.value.uppercased()
            if !allowed.contains(port.transport) {
                findings.refuse(
                    .kind, transport.place,
                    "unknown protocol \"\(transport.value)\"\(Suggestion.hint(for: transport.value, among: allowed))")
            }
        }
        return port
    }
}
