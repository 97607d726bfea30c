import QuakeYAML

/// A node of a configuration with the name that kind gives it.
struct PlacedNode {
    var node: WrittenNode
    var name: String
    var isControlPlane: Bool
    /// Where what its name is made of stands; `nil` where kind refuses that already.
    var namePlace: KindPlace?
    /// The first control plane is set up by `kubeadm init`, which reads ClusterConfiguration, InitConfiguration and the
    /// components' documents; every other node joins, and reads its JoinConfiguration alone.
    var isFirst: Bool
    /// `nil` where its image does not tell.
    var version: KubernetesVersion?

    /// The kind of the document that registers it.
    var registrationKind: String { isFirst ? "InitConfiguration" : "JoinConfiguration" }

    func reads(_ kind: String) -> Bool { isFirst ? kind != "JoinConfiguration" : kind == "JoinConfiguration" }

    /// Control planes first, otherwise in the configuration's order.
    static func all(of cluster: WrittenCluster, _ purpose: KindReading.Purpose) -> [PlacedNode] {
        var counts: [String: Int] = [:]
        let placed = cluster.nodes.map { node -> PlacedNode in
            let role = node.role.value
            counts[role, default: 0] += 1
            let number = counts[role, default: 1]
            return PlacedNode(
                node: node, name: "\(cluster.name.value)-\(role)\(number == 1 ? "" : "\(number)")",
                isControlPlane: role == "control-plane", namePlace: namePlace(node, cluster),
                isFirst: role == "control-plane" && number == 1,
                version: version(of: node, purpose))
        }
        return placed.filter(\.isControlPlane) + placed.filter { !$0.isControlPlane }
    }

    private static func namePlace(_ node: WrittenNode, _ cluster: WrittenCluster) -> KindPlace? {
        guard KindValidation.isName(cluster.name.value), KindValidation.roles.contains(node.role.value) else {
            return nil
        }
        return cluster.name.place.line > 0 ? cluster.name.place : node.place
    }

    private static func version(of node: WrittenNode, _ purpose: KindReading.Purpose) -> KubernetesVersion? {
        if case .kind(let image?) = purpose { return KubernetesVersion(image: image) }
        if let image = node.image { return KubernetesVersion(image: image.value) }
        return purpose.isModelled ? .embedded : nil
    }
}
