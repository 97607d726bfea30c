extension Simulation {
    /// Creates or replaces a DaemonSet's specification. Running pods keep the template they were made from.
    package mutating func put(_ set: DaemonSet) {
        var next = set
        if let before = daemonSets[set.key] {
            next.status = before.status
            next.created = before.created
        }
        daemonSets[set.key] = next
        later(.daemonSet(set.key))
    }

    /// Deletes a DaemonSet and begins the deletion of its pods.
    package mutating func removeDaemonSet(_ key: ObjectKey) {
        guard daemonSets.removeValue(forKey: key) != nil else { return }
        for pod in pods(of: .init(.daemonSet, key.name), in: key.namespace) { beginDeletion(pod.key) }
    }

    mutating func syncDaemonSet(_ key: ObjectKey) {
        guard let set = daemonSets[key] else { return }
        let owner = Pod.Owner(.daemonSet, key.name)
        var desired = 0
        var unavailable = 0
        for name in nodes.keys.sorted() {
            guard let node = nodes[name] else { continue }
            let template = Self.daemonTemplate(set.template)
            var probe = Pod(key: ObjectKey(key.namespace, key.name), template: template, owner: owner, created: now)
            probe.pinnedTo = name
            let wanted = rejection(of: probe, by: node) == nil
            desired += wanted ? 1 : 0
            let here = pods(of: owner, in: key.namespace).filter { $0.pinnedTo == name && !$0.isFinished }
            if wanted, !here.contains(where: isAvailable) { unavailable += 1 }
            if wanted, here.isEmpty {
                probe.key.name = "\(key.name)-\(generator.nameSuffix())"
                add(probe)
            }
        }
        replaceOutdated(of: set, desired: desired, unavailable: unavailable)
        let mine = pods(of: owner, in: key.namespace).filter(\.isActive)
        var status = DaemonSet.Status()
        status.desired = desired
        status.current = mine.count
        status.ready = mine.count(where: \.ready)
        status.available = mine.count(where: isAvailable)
        status.updated = mine.count { $0.template.fingerprint == set.template.fingerprint }
        guard status != set.status else { return }
        daemonSets[key]?.status = status
        if let changed = daemonSets[key] { emit(.daemonSet(changed)) }
    }

    /// A rolling update: pods of an older template that are not available go at once, others as far as the limit allows.
    private mutating func replaceOutdated(of set: DaemonSet, desired: Int, unavailable: Int) {
        guard case .rolling(let limit) = set.update else { return }
        let old = pods(of: .init(.daemonSet, set.key.name), in: set.key.namespace)
            .filter { $0.isActive && $0.template.fingerprint != set.template.fingerprint }
        for pod in old where !isAvailable(pod) { beginDeletion(pod.key) }
        let mayGo = max(0, limit.of(desired, roundingUp: true) - unavailable)
        for pod in old.filter(isAvailable).prefix(mayGo) { beginDeletion(pod.key) }
    }

    /// What the DaemonSet controller adds to each of its pods.
    private static func daemonTemplate(_ template: PodTemplate) -> PodTemplate {
        var copy = template
        copy.tolerations += [
            Toleration(Taint.notReadyKey, effect: .noExecute),
            Toleration(Taint.unreachableKey, effect: .noExecute),
            Toleration(Taint.unschedulableKey, effect: .noSchedule),
            Toleration(Taint.unreachableKey, effect: .noSchedule),
            Toleration(Taint.notReadyKey, effect: .noSchedule),
        ]
        return copy
    }
}
