import QuakeYAML

/// The body of each action. What later steps must know of it goes into the step's facts.
extension PlanDecoder {
    mutating func action(_ kind: ActionKind, _ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        switch kind {
        case .cordon: nodes(body, &facts).map(Action.cordon)
        case .uncordon: nodes(body, &facts).map(Action.uncordon)
        case .drain: drain(body, &facts)
        case .killNode: killNode(body, &facts)
        case .startNode: nodes(body, &facts).map(Action.startNode)
        case .restartNode: nodes(body, &facts).map(Action.restartNode)
        case .blipNode: blipNode(body, &facts)
        case .upgradeNodes: upgradeNodes(body, &facts)
        case .expireNodePools: expireNodePools(body, &facts)
        case .setNodeMonitorGracePeriod: setGracePeriod(body, &facts)
        case .deletePods: deletePods(body, &facts)
        case .rolloutRestart: rolloutRestart(body, &facts)
        case .scale: scale(body, &facts)
        case .apply: apply(body, &facts)
        case .wait: wait(body, &facts)
        case .waitFor: waitFor(body, &facts)
        case .measurePropagation: measurePropagation(body, &facts)
        case .restoreAll: restoreAll(body)
        case .parallel: nil
        }
    }

    private mutating func nodes(_ body: YAMLNode, _ facts: inout StepFacts) -> NodeTargets? {
        fields(body, facts.kind.rawValue, keys: Self.targetKeys).flatMap { targets($0, &facts) }
    }

    private mutating func drain(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let keys = Self.targetKeys + ["timeout", "gracePeriod", "podSelector"]
        guard let fields = fields(body, "drain", keys: keys) else { return nil }
        let timeout = duration(fields["timeout"], "timeout", positive: true) ?? .seconds(120)
        let gracePeriod = wholeSeconds(fields["gracePeriod"], "gracePeriod", positive: true)
        let podSelector = text(fields["podSelector"], "podSelector")
        return targets(fields, &facts).map {
            .drain(Drain(targets: $0, timeout: timeout, gracePeriod: gracePeriod, podSelector: podSelector))
        }
    }

    private mutating func killNode(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        guard let fields = fields(body, "kill-node", keys: Self.targetKeys + ["how"]) else { return nil }
        let how = choice(KillMethod.self, fields["how"], "how") ?? .powerOff
        return targets(fields, &facts).map { .killNode($0, how: how) }
    }

    private mutating func blipNode(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        guard let fields = fields(body, "blip-node", keys: Self.targetKeys + ["length"], required: ["length"]) else {
            return nil
        }
        let length = duration(fields["length"], "length", positive: true) ?? .zero
        facts.length = length
        return targets(fields, &facts).map { .blipNode($0, length: length) }
    }

    private mutating func upgradeNodes(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let keys = Self.targetKeys + ["pause", "atOnce", "drainTimeout"]
        guard let fields = fields(body, "upgrade-nodes", keys: keys) else { return nil }
        let pause = duration(fields["pause"], "pause") ?? scope.settle
        let atOnce = integer(fields["atOnce"], "atOnce", atLeast: 1) ?? 1
        let drainTimeout = duration(fields["drainTimeout"], "drainTimeout", positive: true) ?? .seconds(120)
        guard let targets = targets(fields, &facts) else { return nil }
        if targets.leastCount == 1, targets.isExact { facts.pause = nil } else { facts.pause = pause }
        return .upgradeNodes(
            UpgradeNodes(targets: targets, pause: pause, atOnce: atOnce, drainTimeout: drainTimeout))
    }

    private mutating func expireNodePools(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let keys = [
            "cluster", "nodePools", "mode", "interval", "provisioningTime", "terminationGracePeriod", "expireAfter",
        ]
        guard let fields = fields(body, "expire-nodepools", keys: keys, required: ["cluster", "nodePools"]) else {
            return nil
        }
        facts.cluster = cluster(fields["cluster"], "cluster")
        let pools = texts(fields["nodePools"], "nodePools") ?? []
        let mode = choice(ExpireNodePools.Mode.self, fields["mode"], "mode") ?? .together
        let interval = duration(fields["interval"], "interval", positive: true) ?? .seconds(60)
        let provisioning = duration(fields["provisioningTime"], "provisioningTime") ?? .seconds(30)
        let grace = duration(fields["terminationGracePeriod"], "terminationGracePeriod")
        let age = wholeSeconds(fields["expireAfter"], "expireAfter", positive: true)
        if mode == .staggered, pools.count > 1 { facts.pause = interval }
        return facts.cluster.map {
            .expireNodePools(
                ExpireNodePools(
                    cluster: $0, nodePools: pools, mode: mode, interval: interval, provisioningTime: provisioning,
                    terminationGracePeriod: grace, expireAfter: age))
        }
    }

    private mutating func setGracePeriod(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let name = facts.kind.rawValue
        guard let fields = fields(body, name, keys: ["cluster", "to", "force"], required: ["cluster", "to"]) else {
            return nil
        }
        facts.cluster = cluster(fields["cluster"], "cluster")
        let period = wholeSeconds(fields["to"], "to", positive: true)
        let force = boolean(fields["force"], "force") ?? false
        guard let cluster = facts.cluster, let period else { return nil }
        return .setNodeMonitorGracePeriod(cluster: cluster, to: period, force: force)
    }

    private mutating func deletePods(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let extra = ["count", "gracePeriod"]
        let workload = workload(body, &facts, extra: extra, kinds: Self.workloadKinds)
        let count = integer(body["count"], "count", atLeast: 1)
        let gracePeriod = wholeSeconds(body["gracePeriod"], "gracePeriod", positive: false)
        guard let (cluster, hosting) = workload else { return nil }
        return .deletePods(DeletePods(cluster: cluster, hosting: hosting, count: count, gracePeriod: gracePeriod))
    }

    private mutating func rolloutRestart(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let kinds = ["deployment", "daemonset", "statefulset"]
        return workload(body, &facts, kinds: kinds).map { .rolloutRestart(cluster: $0.cluster, $0.hosting) }
    }

    private mutating func scale(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let kinds = ["deployment", "statefulset", "replicaset"]
        let workload = workload(body, &facts, required: ["replicas"], kinds: kinds)
        let replicas = integer(body["replicas"], "replicas", atLeast: 0, atMost: 1000)
        guard let (cluster, hosting) = workload, let replicas else { return nil }
        return .scale(cluster: cluster, hosting, replicas: replicas)
    }

    /// `{cluster, hosting}` and more.
    private mutating func workload(
        _ body: YAMLNode, _ facts: inout StepFacts, required: [String] = [], extra: [String] = [], kinds: [String]
    ) -> (cluster: String, hosting: Hosting)? {
        let needed = ["cluster", "hosting"] + required
        guard let fields = fields(body, facts.kind.rawValue, keys: needed + extra, required: needed) else { return nil }
        facts.cluster = cluster(fields["cluster"], "cluster")
        let hosting = hosting(fields["hosting"], kinds: kinds)
        guard let cluster = facts.cluster, let hosting else { return nil }
        return (cluster, hosting)
    }

    private mutating func apply(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        guard let fields = fields(body, "apply", keys: ["cluster", "file"], required: ["cluster", "file"]) else {
            return nil
        }
        facts.cluster = cluster(fields["cluster"], "cluster")
        guard let node = fields["file"], let file = file(node, "file") else { return nil }
        manifests.append(file)
        return facts.cluster.map { .apply(cluster: $0, file: file) }
    }

    private mutating func wait(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        guard let length = duration(body, "wait", positive: true) else { return nil }
        facts.length = length
        return .wait(length)
    }

    private mutating func measurePropagation(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let fields = fields(body, "measure-propagation", keys: ["cluster"], required: ["cluster"])
        facts.cluster = cluster(fields?["cluster"], "cluster")
        return facts.cluster.map { .measurePropagation(cluster: $0) }
    }

    private mutating func restoreAll(_ body: YAMLNode) -> Action? {
        guard body.isNull || body.mapping?.isEmpty ?? false else {
            report("restore-all: it takes nothing, and there is \(shown(body))", at: body)
            return nil
        }
        return .restoreAll
    }
}
