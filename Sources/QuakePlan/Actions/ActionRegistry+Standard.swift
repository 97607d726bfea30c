extension ActionRegistry {
    /// Those that Peerquake ships: actions on nodes first, then those on workloads, then what only measures.
    package static let standard = ActionRegistry([
        Cordon.self,
        Uncordon.self,
        Drain.self,
        KillNode.self,
        StartNode.self,
        RestartNode.self,
        BlipNode.self,
        UpgradeNodes.self,
        ExpireNodePools.self,
        SetNodeMonitorGracePeriod.self,
        DeletePods.self,
        RolloutRestart.self,
        ScaleWorkload.self,
        ApplyManifest.self,
        MeasurePropagation.self,
    ])
}
