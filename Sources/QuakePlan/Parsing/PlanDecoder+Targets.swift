import QuakeYAML

/// Which nodes and workloads an action works on.
extension PlanDecoder {
    /// `{cluster, nodes}` or `{step}`; what is read goes into the step's facts.
    mutating func targets(_ fields: Fields, _ facts: inout StepFacts) -> NodeTargets? {
        facts.hasNodes = true
        if let reference = fields["step"] {
            for key in ["cluster", "nodes"] {
                guard let extra = fields[key] else { continue }
                report("\(fields.what): \(key) cannot be combined with step, which gives it", at: extra)
            }
            return targets(of: reference, fields, &facts)
        }
        let missing = ["cluster", "nodes"].filter { fields[$0] == nil }
        if !missing.isEmpty {
            report(
                "\(fields.what): without \(missing.joined(separator: " and ")); a step names cluster and nodes, or step",
                at: fields.node)
        }
        facts.cluster = cluster(fields["cluster"], "cluster")
        let selector = fields["nodes"].flatMap { self.selector($0, of: facts.cluster) }
        guard let cluster = facts.cluster, let selector else { return nil }
        let heals = facts.kind.declaration.heals
        if !heals.isEmpty,
            !scope.earlier.contains(where: { $0.kind.traits.isSuperset(of: heals) && $0.cluster == cluster })
        {
            reportMissingFault(facts.kind, on: "cluster \(cluster)", at: fields.node)
        }
        return .select(cluster: cluster, selector)
    }

    private mutating func targets(
        of reference: YAMLNode, _ fields: Fields, _ facts: inout StepFacts
    ) -> NodeTargets? {
        guard let earlier = self.facts(of: reference, "\(fields.what).step") else { return nil }
        facts.cluster = earlier.cluster
        // The nodes of an expiry are gone when it is over: to be looked at, and not to be worked on.
        let isWatched = earlier.kind.traits.contains(.replacesNodes) && facts.kind.isControl(.waitFor)
        guard earlier.hasNodes || isWatched else {
            report(
                "\(fields.what).step: the step \"\(earlier.id)\" (\(earlier.kind.name)) has no nodes", at: reference)
            return nil
        }
        if !earlier.kind.traits.isSuperset(of: facts.kind.declaration.heals) {
            reportMissingFault(facts.kind, on: "step \"\(earlier.id)\" (\(earlier.kind.name))", at: reference)
        }
        return .step(earlier.id)
    }

    private mutating func reportMissingFault(_ kind: ActionKind, on place: String, at node: YAMLNode) {
        let faults = scope.actions.faults(healedBy: kind.declaration).map(\.name).joined(separator: " or ")
        report("\(kind.name): nothing to heal on \(place): no \(faults) before it", at: node)
    }

    /// An earlier step that is referred to.
    mutating func facts(of node: YAMLNode, _ what: String) -> StepFacts? {
        guard let id = text(node, what) else { return nil }
        if let facts = scope.earlier.first(where: { $0.id == id }) { return facts }
        if let later = scope.identities.first(where: { $0.id == id }) {
            report("\(what): the step \"\(id)\" (line \(later.line)) does not come before this one", at: node)
        } else {
            let hint = Suggestion.hint(for: id, among: scope.earlier.map(\.id))
            report("\(what): there is no step \"\(id)\" before this one" + hint, at: node)
        }
        return nil
    }

    static let selectorKeys = [
        "names", "labels", "role", "zone", "nodePool", "hosting", "carrying", "dialled", "exclude", "count",
    ]

    /// - Parameter cluster: where the nodes are; `nil` where it is not known.
    mutating func selector(_ node: YAMLNode, of cluster: String?) -> NodeSelector? {
        let keys = Self.selectorKeys
        guard let fields = fields(node, "nodes", keys: keys) else { return nil }
        if fields.node.mapping?.isEmpty ?? false {
            report("nodes: nothing selects a node (allowed keys: \(keys.joined(separator: ", ")))", at: node)
        }
        return NodeSelector(
            names: texts(fields["names"], "names") ?? [], labels: dictionary(fields["labels"], "labels") ?? [:],
            role: word(fields["role"], "role", among: ["control-plane", "worker"]), zone: text(fields["zone"], "zone"),
            nodePool: text(fields["nodePool"], "nodePool"), hosting: hosting(fields["hosting"]),
            carrying: carried(fields["carrying"], cluster), dialled: dialled(fields["dialled"], cluster),
            exclude: texts(fields["exclude"], "exclude") ?? [], count: integer(fields["count"], "count", atLeast: 1))
    }

    /// A traffic that goes to the cluster.
    private mutating func carried(_ node: YAMLNode?, _ cluster: String?) -> String? {
        guard let node, let name = word(node, "carrying", among: scope.traffic.map(\.name)) else { return nil }
        if let cluster, let traffic = scope.traffic.first(where: { $0.name == name }), traffic.to != cluster {
            report(
                "carrying: the traffic \"\(name)\" goes to \(traffic.to), whose gateways carry it, and not to \(cluster)",
                at: node)
        }
        return name
    }

    /// Whether clients dial the nodes; there must be some.
    private mutating func dialled(_ node: YAMLNode?, _ cluster: String?) -> Bool? {
        guard let node, let dialled = boolean(node, "dialled") else { return nil }
        if let cluster, !scope.traffic.contains(where: { $0.to == cluster }) {
            report("dialled: no traffic goes to \(cluster), so no client dials its nodes", at: node)
        }
        return dialled
    }

    /// A part of the mesh, or `namespace/kind/name` of one of the kinds given.
    mutating func hosting(_ node: YAMLNode?, kinds: [String] = Hosting.kinds) -> Hosting? {
        guard let node, let text = text(node, "hosting") else { return nil }
        switch text {
        case "gateway": return .gateway
        case "istiod": return .istiod
        case "backend": return .backend
        default: break
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 3, !parts.contains("") else {
            let hint = Suggestion.hint(for: text, among: ["gateway", "istiod", "backend", "NAMESPACE/KIND/NAME"])
            report("hosting: \(shown(node)) is not known\(hint)", at: node)
            return nil
        }
        guard kinds.contains(parts[1]) else {
            report(
                "hosting: the kind \"\(parts[1])\" is not known" + Suggestion.hint(for: parts[1], among: kinds),
                at: node)
            return nil
        }
        return .workload(namespace: parts[0], kind: parts[1], name: parts[2])
    }
}
