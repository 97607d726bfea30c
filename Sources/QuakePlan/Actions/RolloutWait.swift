/// How long the step of an action that rolls workloads out waits for them, where it has no `until`.
enum RolloutWait {
    /// Shared by `rollout-restart`, `scale` and `apply`.
    static let key = Key.duration(
        "within", otherwise: "each workload's `progressDeadlineSeconds`, 10m where it has none", .positive,
        help:
            "How long the rollout may take before the step ends as `stalled`; a step with `until` ends by that instead."
    )

    /// What a plan's length counts where the plan names none: Kubernetes' default of `progressDeadlineSeconds`.
    static let usual = Duration.seconds(600)
}
