import QuakePlan

/// Finds the patches that change nothing, of which kind says nothing.
struct PatchAudit {
    let cluster: WrittenCluster
    let nodes: [PlacedNode]
    let findings: Findings

    func check() {
        check(cluster.patches, among: nodes, of: nil)
        for node in nodes { check(node.node.patches, among: [node], of: node) }
    }

    private func check(_ patches: WrittenPatches, among nodes: [PlacedNode], of owner: PlacedNode?) {
        for patch in patches.merges { check(patch.target, patch.place, .merge, among: nodes, of: owner) }
        for patch in patches.operations { check(patch.target, patch.place, .json, among: nodes, of: owner) }
    }

    private enum Form {
        case merge, json
    }

    private func check(
        _ target: PatchTarget, _ place: KindPlace, _ form: Form, among nodes: [PlacedNode], of owner: PlacedNode?
    ) {
        let kinds = KubeadmTemplate.kinds(of: cluster)
        guard kinds.contains(target.kind) else {
            let near = Suggestion.nearest(to: target.kind, among: kinds)
            let seen = target.kind.isEmpty ? "it has no kind" : "there is not a document of kind \"\(target.kind)\""
            let words = "this patch matches nothing: \(seen)"
            let hint = near.map { "; did you mean \"\($0)\"?" } ?? " (there are: \(kinds.joined(separator: ", ")))"
            findings.warn(place, words + hint)
            return
        }
        let readers = nodes.filter { $0.reads(target.kind) }
        guard !readers.isEmpty else {
            findings.warn(place, "this patch has no effect: \(Self.unread(target.kind, owner))")
            return
        }
        let missed = readers.filter { node in
            guard let version = node.version else { return false }
            return !target.matches(target.kind, KubeadmTemplate.apiVersion(target.kind, version))
        }
        // The nodes of one version are told of together.
        for version in Set(missed.compactMap(\.version)).sorted(by: { $0.description < $1.description }) {
            let names = missed.filter { $0.version == version }.map(\.name)
            findings.warn(place, words(target, version, names, isAll: names.count == readers.count, form))
        }
    }

    private static func unread(_ kind: String, _ owner: PlacedNode?) -> String {
        guard let owner else { return "no node joins, and only those read a JoinConfiguration" }
        let place = owner.isFirst ? "the first control plane" : "a node that joins"
        let read = owner.isFirst ? "an InitConfiguration" : "a JoinConfiguration alone"
        return "\(place) (\(owner.name)) reads \(read), not its \(kind)"
            + (kind == "InitConfiguration" || kind == "JoinConfiguration"
                ? "; write kind: \(owner.registrationKind)" : "; patch it under the cluster or its first control plane")
    }

    private func words(
        _ target: PatchTarget, _ version: KubernetesVersion, _ names: [String], isAll: Bool, _ form: Form
    ) -> String {
        let wanted = KubeadmTemplate.apiVersion(target.kind, version)
        let parts = wanted.split(separator: "/").map(String.init)
        let matching =
            switch form {
            case .merge: "apiVersion: \(wanted)"
            case .json: "group: \(parts[0]), version: \(parts[1])"
            }
        let isOurs = KubeadmTemplate.kinds.contains(target.kind)
        let list = version.kubeadm == "v1beta4" ? "list of names and values" : "mapping"
        let flags = isOurs ? "; flags are a \(list) there" : ""
        let either = form == .merge ? "leave apiVersion out" : "leave group and version out"
        return
            "this patch matches nothing\(isAll ? "" : " on \(names.joined(separator: ", "))"): the \(target.kind) of "
            + "\(version) is \(wanted), not \(target.apiVersion), and kind silently ignores it; write "
            + "\(matching), or \(either)\(flags)"
    }
}
