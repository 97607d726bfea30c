import QuakeBase

extension Simulation {
    /// Creates or replaces a Deployment's specification; its status and revision stay.
    package mutating func put(_ deployment: Deployment) {
        var next = deployment
        if let before = deployments[deployment.key] {
            next.status = before.status
            next.revision = before.revision
            next.observedGeneration = before.observedGeneration
            next.progress = before.progress
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
        if deployment.isPaused { return holdStill(deployment) }
        let current = currentRevision(of: &deployment)
        deployments[key] = deployment
        for set in revisions(of: key) where set.minReady != deployment.minReady {
            replicaSets[set.key]?.minReady = deployment.minReady
        }
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
                begin(&deployment, .found, match.key.name)
            }
            return match.key
        }
        deployment.revision += 1
        let hash = generator.nameSuffix(10)
        let key = ObjectKey(deployment.key.namespace, "\(deployment.key.name)-\(hash)")
        var template = deployment.template
        template.labels[WellKnown.podTemplateHash] = hash
        var selector = deployment.selector
        selector.requirements.append(Requirement(WellKnown.podTemplateHash, .isIn, [hash]))
        let set = ReplicaSet(
            key: key, owner: deployment.key.name, replicas: 0, selector: selector, template: template,
            revision: deployment.revision, hash: hash, created: now)
        replicaSets[key] = set
        emit(.replicaSet(set))
        begin(&deployment, .created, key.name)
        return key
    }

    /// A paused Deployment follows its replicas, not its template.
    private mutating func holdStill(_ deployment: Deployment) {
        guard let newest = revisions(of: deployment.key).first else { return updateStatus(of: deployment.key, nil) }
        let others = revisions(of: deployment.key).dropFirst().reduce(0) { $0 + $1.replicas }
        setReplicas(newest.key, max(0, deployment.replicas - others))
        let isCurrent = newest.template.fingerprint == deployment.template.fingerprint
        updateStatus(of: deployment.key, isCurrent ? newest.key : nil)
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
        let newUnavailable = max(0, (replicaSets[current]?.replicas ?? 0) - availablePods(of: current))
        var budget = mayGo - newUnavailable
        for set in old.reversed() where budget > 0 && set.replicas > 0 {
            let unhealthy = set.replicas - availablePods(of: set.key)
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

    private mutating func updateStatus(of key: ObjectKey, _ current: ObjectKey?) {
        guard var deployment = deployments[key] else { return }
        let before = deployment
        var status = Deployment.Status()
        for set in revisions(of: key) {
            status.replicas += set.status.replicas
            status.ready += set.status.ready
            status.available += set.status.available
        }
        status.updated = current.flatMap { replicaSets[$0]?.status.replicas } ?? 0
        if let current { advance(&deployment, to: status, current.name) }
        deployment.status = status
        deployment.observedGeneration = deployment.generation
        deployments[key] = deployment
        if deployment != before { emit(.deployment(deployment)) }
    }

    // MARK: - Progress

    private func progress(_ deployment: inout Deployment, _ reason: Deployment.Progress.Reason, _ replicaSet: String) {
        let before = deployment.progress
        let isSame = before?.isProgressing == (reason != .deadlineExceeded)
        deployment.progress = Deployment.Progress(
            reason: reason, replicaSet: replicaSet, updated: now, transition: isSame ? before?.transition ?? now : now)
    }

    /// The real controller's `syncRolloutStatus`: complete, come forward, or past its deadline. What was complete does not
    /// time out until its next rollout.
    private mutating func advance(_ deployment: inout Deployment, to next: Deployment.Status, _ replicaSet: String) {
        let old = deployment.status
        let wanted = deployment.replicas
        let isComplete =
            next.updated == wanted && next.replicas == wanted && next.available == wanted
            && deployment.observedGeneration <= deployment.generation
        if isComplete {
            if deployment.progress?.reason != .complete { progress(&deployment, .complete, replicaSet) }
            return
        }
        let came =
            next.updated > old.updated || next.replicas - next.updated < old.replicas - old.updated
            || next.ready > old.ready || next.available > old.available
        if came { return begin(&deployment, .updated, replicaSet) }
        guard let progress = deployment.progress, progress.isProgressing, progress.reason != .complete,
            let deadline = deployment.progressDeadline
        else { return }
        if now - progress.updated >= deadline {
            self.progress(&deployment, .deadlineExceeded, replicaSet)
        } else {
            // Its sync is due then at the latest.
            watchProgress(of: deployment.key, deadline - (now - progress.updated))
        }
    }

    private mutating func begin(
        _ deployment: inout Deployment, _ reason: Deployment.Progress.Reason, _ replicaSet: String
    ) {
        progress(&deployment, reason, replicaSet)
        if let deadline = deployment.progressDeadline { watchProgress(of: deployment.key, deadline) }
    }

    private mutating func watchProgress(of key: ObjectKey, _ delay: Duration) {
        let due = now + delay
        guard progressWatch[key].map({ $0 <= now || $0 > due }) ?? true else { return }
        progressWatch[key] = due
        after(delay, .sync(.deployment(key)))
    }

    // MARK: - ReplicaSets

    /// Creates or changes a ReplicaSet; of a Deployment's own, only the replicas, until it sets them again.
    package mutating func put(_ set: ReplicaSet) {
        var next = set
        if let before = replicaSets[set.key] {
            if let owner = before.owner {
                next = before
                next.replicas = set.replicas
                later(.deployment(ObjectKey(set.key.namespace, owner)))
            }
            next.status = before.status
            next.created = before.created
        }
        replicaSets[set.key] = next
        later(.replicaSet(set.key))
    }

    /// A client deletes a ReplicaSet: a Deployment makes another.
    package mutating func deleteReplicaSet(_ key: ObjectKey) {
        let owner = replicaSets[key]?.owner
        removeReplicaSet(key)
        if let owner { later(.deployment(ObjectKey(key.namespace, owner))) }
    }

    mutating func removeReplicaSet(_ key: ObjectKey) {
        guard let set = replicaSets.removeValue(forKey: key) else { return }
        emit(.replicaSetRemoved(set))
        for pod in pods(of: .init(.replicaSet, key.name), in: key.namespace) { beginDeletion(pod.key) }
    }

    func pods(of owner: Pod.Owner, in namespace: String) -> [Pod] {
        pods.values.filter { $0.owner == owner && $0.key.namespace == namespace }.sorted { $0.key < $1.key }
    }

    private func availablePods(of key: ObjectKey) -> Int {
        pods(of: .init(.replicaSet, key.name), in: key.namespace).count(where: isAvailable)
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
            status.available += isAvailable(pod) ? 1 : 0
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
