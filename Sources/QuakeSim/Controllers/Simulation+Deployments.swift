extension Simulation {
    /// Creates or replaces a Deployment's specification; its status and revision stay.
    package mutating func put(_ deployment: Deployment) {
        var next = deployment
        if let before = deployments[deployment.key] {
            next.status = before.status
            next.revision = before.revision
            next.observedGeneration = before.observedGeneration
            next.created = before.created
        }
        deployments[deployment.key] = next
        later(.deployment(deployment.key))
        // Budgets count what a workload is meant to have.
        for key in budgets.keys where key.namespace == deployment.key.namespace { later(.budget(key)) }
    }

    /// Deletes a Deployment with its ReplicaSets and pods.
    package mutating func removeDeployment(_ key: ObjectKey) {
        guard deployments.removeValue(forKey: key) != nil else { return }
        for set in revisions(of: key) { removeReplicaSet(set.key) }
    }

    /// Its ReplicaSets, newest first.
    func revisions(of key: ObjectKey) -> [ReplicaSet] {
        replicaSets.values.filter { $0.key.namespace == key.namespace && $0.owner == key.name }
            .sorted { $0.revision > $1.revision }
    }

    mutating func syncDeployment(_ key: ObjectKey) {
        guard var deployment = deployments[key] else { return }
        let current = currentRevision(of: &deployment)
        deployments[key] = deployment
        switch deployment.strategy {
        case .recreate: recreate(deployment, current)
        case .rollingUpdate(let maxUnavailable, let maxSurge):
            roll(deployment, current, maxUnavailable: maxUnavailable, maxSurge: maxSurge)
        }
        updateStatus(of: key, current)
    }

    /// The ReplicaSet of the template as it is now, made if there is none.
    private mutating func currentRevision(of deployment: inout Deployment) -> ObjectKey {
        let all = revisions(of: deployment.key)
        if let match = all.first(where: { $0.template.fingerprint == deployment.template.fingerprint }) {
            if match.revision < deployment.revision {
                // A rollback makes an old revision the newest.
                deployment.revision += 1
                replicaSets[match.key]?.revision = deployment.revision
            }
            return match.key
        }
        deployment.revision += 1
        let hash = generator.nameSuffix(10)
        let key = ObjectKey(deployment.key.namespace, "\(deployment.key.name)-\(hash)")
        var template = deployment.template
        template.labels["pod-template-hash"] = hash
        var selector = deployment.selector
        selector.requirements.append(Requirement("pod-template-hash", .isIn, [hash]))
        let set = ReplicaSet(
            key: key, owner: deployment.key.name, replicas: 0, selector: selector, template: template,
            revision: deployment.revision, hash: hash, created: now)
        replicaSets[key] = set
        emit(.replicaSet(set))
        return key
    }

    private mutating func recreate(_ deployment: Deployment, _ current: ObjectKey) {
        let old = revisions(of: deployment.key).filter { $0.key != current }
        for set in old where set.replicas > 0 { setReplicas(set.key, 0) }
        let stillThere = pods.values.contains { pod in
            old.contains { pod.owner == .init(.replicaSet, $0.key.name) && pod.key.namespace == $0.key.namespace }
        }
        if !stillThere { setReplicas(current, deployment.replicas) }
    }

    /// The rolling update of the real controller: up by what the surge leaves room for, then down by what stays
    /// available, unhealthy old pods first.
    private mutating func roll(
        _ deployment: Deployment, _ current: ObjectKey, maxUnavailable: Amount, maxSurge: Amount
    ) {
        let desired = deployment.replicas
        let surge = maxSurge.of(desired, roundingUp: true)
        var unavailable = maxUnavailable.of(desired, roundingUp: false)
        if surge == 0, unavailable == 0 { unavailable = 1 }
        let old = revisions(of: deployment.key).filter { $0.key != current }
        let oldTotal = old.reduce(0) { $0 + $1.replicas }
        let mine = replicaSets[current]?.replicas ?? 0
        if mine > desired || oldTotal == 0 {
            setReplicas(current, desired)
        } else if mine < desired {
            setReplicas(current, mine + max(0, min(desired - mine, desired + surge - mine - oldTotal)))
        }
        guard oldTotal > 0 else { return }
        scaleDown(old, current, mayGo: oldTotal + mine - (desired - unavailable))
    }

    private mutating func scaleDown(_ old: [ReplicaSet], _ current: ObjectKey, mayGo: Int) {
        let newUnavailable = max(0, (replicaSets[current]?.replicas ?? 0) - readyPods(of: current))
        var budget = mayGo - newUnavailable
        for set in old.reversed() where budget > 0 && set.replicas > 0 {
            let unhealthy = set.replicas - readyPods(of: set.key)
            let step = min(budget, unhealthy)
            guard step > 0 else { continue }
            setReplicas(set.key, set.replicas - step)
            budget -= step
        }
        for set in old.reversed() where budget > 0 {
            let left = replicaSets[set.key]?.replicas ?? 0
            let step = min(budget, left)
            guard step > 0 else { continue }
            setReplicas(set.key, left - step)
            budget -= step
        }
    }

    private mutating func setReplicas(_ key: ObjectKey, _ replicas: Int) {
        guard let set = replicaSets[key], set.replicas != replicas else { return }
        replicaSets[key]?.replicas = replicas
        if let set = replicaSets[key] { emit(.replicaSet(set)) }
        later(.replicaSet(key))
    }

    private mutating func updateStatus(of key: ObjectKey, _ current: ObjectKey) {
        guard var deployment = deployments[key] else { return }
        let before = deployment
        var status = Deployment.Status()
        for set in revisions(of: key) {
            status.replicas += set.status.replicas
            status.ready += set.status.ready
        }
        status.available = status.ready
        status.updated = replicaSets[current]?.status.replicas ?? 0
        deployment.status = status
        deployment.observedGeneration = deployment.generation
        deployments[key] = deployment
        if deployment != before { emit(.deployment(deployment)) }
    }

    // MARK: - ReplicaSets

    mutating func removeReplicaSet(_ key: ObjectKey) {
        guard let set = replicaSets.removeValue(forKey: key) else { return }
        emit(.replicaSetRemoved(set))
        for pod in pods(of: .init(.replicaSet, key.name), in: key.namespace) { beginDeletion(pod.key) }
    }

    func pods(of owner: Pod.Owner, in namespace: String) -> [Pod] {
        pods.values.filter { $0.owner == owner && $0.key.namespace == namespace }.sorted { $0.key < $1.key }
    }

    private func readyPods(of key: ObjectKey) -> Int {
        pods(of: .init(.replicaSet, key.name), in: key.namespace).count { $0.isActive && $0.ready }
    }

    mutating func syncReplicaSet(_ key: ObjectKey) {
        guard let set = replicaSets[key] else { return }
        let active = pods(of: .init(.replicaSet, key.name), in: key.namespace).filter(\.isActive)
        if active.count < set.replicas {
            for _ in active.count..<set.replicas { createReplica(of: set) }
        } else if active.count > set.replicas {
            let doomed = active.sorted { Self.goesFirst($0, $1) }.prefix(active.count - set.replicas)
            for pod in doomed { beginDeletion(pod.key) }
        }
        var status = ReplicaSet.Status()
        for pod in pods(of: .init(.replicaSet, key.name), in: key.namespace) where pod.isActive {
            status.replicas += 1
            status.ready += pod.ready ? 1 : 0
        }
        if status != set.status {
            replicaSets[key]?.status = status
            if let changed = replicaSets[key] { emit(.replicaSet(changed)) }
        }
        if let owner = set.owner { later(.deployment(ObjectKey(key.namespace, owner))) }
    }

    private mutating func createReplica(of set: ReplicaSet) {
        let key = ObjectKey(set.key.namespace, "\(set.key.name)-\(generator.nameSuffix())")
        add(Pod(key: key, template: set.template, owner: .init(.replicaSet, set.key.name), created: now))
    }

    /// Unscheduled before scheduled, not ready before ready, younger before older.
    private static func goesFirst(_ a: Pod, _ b: Pod) -> Bool {
        func rank(_ pod: Pod) -> Int { pod.node == nil ? 0 : pod.phase == .pending ? 1 : pod.ready ? 3 : 2 }
        if rank(a) != rank(b) { return rank(a) < rank(b) }
        return (b.created, b.key) < (a.created, a.key)
    }
}
