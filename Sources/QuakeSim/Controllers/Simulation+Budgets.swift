/// What an eviction request is answered with.
package enum EvictionAnswer: Sendable, Equatable {
    case evicted
    case notFound
    /// A budget allows no disruption now.
    case refused(budget: String, Budget.Status)
    /// The controller has not seen the budget's last change; to be tried again after 10 s.
    case budgetNotObserved(budget: String)
    /// More than one budget covers the pod.
    case severalBudgets([String])
}

extension Simulation {
    /// Creates or replaces a budget's specification.
    package mutating func put(_ budget: Budget) {
        var next = budget
        if let before = budgets[budget.key] {
            next.status = before.status
            next.observedGeneration = before.observedGeneration
            next.disrupted = before.disrupted
        }
        budgets[budget.key] = next
        later(.budget(budget.key), timings.budgetSync)
    }

    /// Deletes a budget; evictions are free of it at once.
    package mutating func removeBudget(_ key: ObjectKey) { budgets[key] = nil }

    /// The disruption controller: healthy pods against how many there must be.
    mutating func syncBudget(_ key: ObjectKey) {
        guard var budget = budgets[key] else { return }
        let before = budget
        let covered = pods.values.filter {
            $0.key.namespace == key.namespace && budget.selector.matches($0.template.labels) && !$0.isFinished
        }
        // An eviction whose deletion has been seen, or did not come within two minutes, no longer counts apart.
        budget.disrupted = budget.disrupted.filter { name, evicted in
            pods[ObjectKey(key.namespace, name)]?.isTerminating == false && now - evicted < .seconds(120)
        }
        var status = Budget.Status()
        (status.expectedPods, status.desiredHealthy) = wanted(budget.limit, covered)
        status.currentHealthy = covered.count {
            $0.ready && !$0.isTerminating && budget.disrupted[$0.key.name] == nil
        }
        status.disruptionsAllowed = status.expectedPods > 0 ? max(0, status.currentHealthy - status.desiredHealthy) : 0
        budget.status = status
        budget.observedGeneration = budget.generation
        budgets[key] = budget
        if budget != before { emit(.budget(budget)) }
        if let oldest = budget.disrupted.values.min() {
            later(.budget(key), .seconds(121) - min(.seconds(120), now - oldest))
        }
    }

    /// A plain `minAvailable` counts pods; everything else counts what their controllers are meant to have.
    private func wanted(_ limit: Budget.Limit, _ covered: [Pod]) -> (expected: Int, healthy: Int) {
        let owners = Set(covered.map { ObjectKey($0.key.namespace, $0.owner?.name ?? "") })
        let scale = owners.reduce(0) { sum, key in
            let set = replicaSets[key]
            let planned = set?.owner.flatMap { deployments[ObjectKey(key.namespace, $0)]?.replicas } ?? set?.replicas
            return sum + (planned ?? covered.count { $0.owner?.name ?? "" == key.name })
        }
        switch limit {
        case .minAvailable(.count(let number)): return (covered.count, number)
        case .minAvailable(let share): return (scale, share.of(scale, roundingUp: true))
        case .maxUnavailable(let amount): return (scale, max(0, scale - amount.of(scale, roundingUp: true)))
        }
    }

    /// The Eviction subresource. A dry run says what would be said.
    package mutating func evict(_ key: ObjectKey, grace: Duration? = nil, dryRun: Bool = false) -> EvictionAnswer {
        guard let pod = pods[key] else { return .notFound }
        let ignoresBudgets = pod.phase == .pending || pod.isFinished || pod.isTerminating
        if !ignoresBudgets {
            let matching = budgets.values.filter {
                $0.key.namespace == key.namespace && $0.selector.matches(pod.template.labels)
            }.sorted { $0.key < $1.key }
            if matching.count > 1 { return .severalBudgets(matching.map(\.key.name)) }
            if let budget = matching.first, let refusal = refusal(by: budget, of: pod, dryRun: dryRun) {
                return refusal
            }
        }
        guard !dryRun else { return .evicted }
        if !pod.isTerminating {
            pods[key]?.disruption = "EvictionByEvictionAPI"
            if let marked = pods[key] { emit(.pod(marked)) }
        }
        beginDeletion(key, grace: grace)
        return .evicted
    }

    private mutating func refusal(by budget: Budget, of pod: Pod, dryRun: Bool) -> EvictionAnswer? {
        let status = budget.status
        // The default policy, IfHealthyBudget, lets pods go that were not ready anyway if enough others are.
        let hasEnough = status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0
        if !pod.ready, budget.unhealthyMayGo || hasEnough { return nil }
        if budget.observedGeneration < budget.generation { return .budgetNotObserved(budget: budget.key.name) }
        guard status.disruptionsAllowed > 0 else { return .refused(budget: budget.key.name, status) }
        guard !dryRun else { return nil }
        budgets[budget.key]?.status.disruptionsAllowed -= 1
        budgets[budget.key]?.disrupted[pod.key.name] = now
        if let changed = budgets[budget.key] { emit(.budget(changed)) }
        later(.budget(budget.key), timings.budgetSync)
        return nil
    }
}
