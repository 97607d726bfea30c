import QuakeYAML

/// A value with its place.
struct Written<Value> {
    var value: Value
    var place: KindPlace

    init(_ value: Value, _ place: KindPlace) {
        self.value = value
        self.place = place
    }
}

/// kind's `Cluster` of v1alpha4 as it is written, with its defaults.
struct WrittenCluster {
    struct Networking {
        var ipFamily = Written("ipv4", KindPlace(0, 0))
        var apiServerPort = Written(0, KindPlace(0, 0))
        var podSubnet = Written("", KindPlace(0, 0))
        var serviceSubnet = Written("", KindPlace(0, 0))
        var kubeProxyMode = Written("iptables", KindPlace(0, 0))
        var disablesCNI = false
        /// Fields that are written.
        var fields: [(String, KindPlace)] = []
    }

    var place: KindPlace
    var name = Written("kind", KindPlace(0, 0))
    var networking = Networking()
    var featureGates: [(key: Written<String>, value: Bool)] = []
    var runtimeConfig: [(key: Written<String>, value: Written<String>)] = []
    var patches = WrittenPatches()
    var nodes: [WrittenNode] = []
    /// Fields that are written and that kubeadm never sees.
    var foreign: [(String, KindPlace)] = []
}

/// A node of it.
struct WrittenNode {
    var place: KindPlace
    var role = Written("control-plane", KindPlace(0, 0))
    var image: Written<String>?
    var labels: [(key: Written<String>, value: String)] = []
    var labelsPlace: KindPlace?
    var ports: [WrittenPort] = []
    var patches = WrittenPatches()
    var foreign: [(String, KindPlace)] = []

    /// Its labels as kind gives them to the kubelet.
    var labelText: String { labels.map { "\($0.key.value)=\($0.value)" }.joined(separator: ",") }
}

/// One of `extraPortMappings`.
struct WrittenPort {
    var place: KindPlace
    var host = Written(0, KindPlace(0, 0))
    var container = Written(0, KindPlace(0, 0))
    var address = Written("", KindPlace(0, 0))
    var transport = ""
}

/// Patches of kubeadm's documents: those of a cluster, or of a node.
struct WrittenPatches {
    var merges: [MergePatch] = []
    var operations: [JSONPatch] = []

    var isEmpty: Bool { merges.isEmpty && operations.isEmpty }
}

/// What a patch is for.
struct PatchTarget: Hashable {
    var kind: String
    /// Empty: any.
    var apiVersion: String

    func matches(_ kind: String, _ apiVersion: String) -> Bool {
        self.kind == kind && (self.apiVersion.isEmpty || self.apiVersion == apiVersion)
    }
}

/// A merge patch: one document of an element of `kubeadmConfigPatches`.
struct MergePatch {
    var target: PatchTarget
    /// A mapping, with places in the file.
    var body: YAMLNode
    var place: KindPlace
}

/// One element of `kubeadmConfigPatchesJSON6902`.
struct JSONPatch {
    var target: PatchTarget
    var operations: [JSONPatchOperation]
    var place: KindPlace
}
