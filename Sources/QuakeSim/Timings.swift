/// How long things take in a cluster. Those that a cluster's configuration sets come first; the rest were seen on a
/// real cluster of Kubernetes 1.36.
package struct Timings: Sendable, Equatable {
    /// `leaseDurationSeconds` of the kubelet; it renews each quarter of it.
    package var leaseDuration: Duration
    /// `--node-monitor-period` of the controller manager.
    package var monitorPeriod: Duration
    /// `--node-monitor-grace-period`; 50 s by default since Kubernetes 1.32.
    package var gracePeriod: Duration
    /// From a controller manager's end to its successor's leadership.
    package var controllerManagerRestart: Duration

    /// `unschedulable` → the NoSchedule taint.
    package var cordonTaint: Duration = .milliseconds(14)
    /// Ready=Unknown → the `unreachable:NoSchedule` taint.
    package var noScheduleTaint: Duration = .milliseconds(25)
    /// Ready=Unknown → its pods Ready=False.
    package var podsNotReady: Duration = .milliseconds(45)
    /// Ready=Unknown → the `unreachable:NoExecute` taint, if the zone's rate allows.
    package var noExecuteTaint: Duration = .milliseconds(185)
    /// A pod's change → its EndpointSlice.
    package var endpointSync: Duration = .milliseconds(40)
    /// A pod's creation → its binding to a node.
    package var scheduling: Duration = .milliseconds(10)
    /// Binding → running containers.
    package var podStart: Duration = .milliseconds(750)
    /// Running containers → Ready, where no probe says otherwise.
    package var firstReadiness: Duration = .milliseconds(150)
    /// The last container's end → the status that says so.
    package var containerDeath: Duration = .milliseconds(150)
    /// The status that says so → the object's removal.
    package var podRemoval: Duration = .seconds(1)
    /// How long an inert container needs to end after SIGTERM.
    package var inertExit: Duration = .milliseconds(50)
    /// A node's start → Ready.
    package var nodeBoot: Duration = .milliseconds(2_900)
    /// Ready again → pods that were to be deleted meanwhile are gone; their end is reported so long before.
    package var afterBootRemoval: Duration = .seconds(1)
    package var bootedPodRemoval: Duration = .milliseconds(110)
    /// Ready again → `unreachable:NoSchedule` is off, and `unreachable:NoExecute`.
    package var noScheduleRemoval: Duration = .milliseconds(30)
    package var noExecuteRemoval: Duration = .milliseconds(1_650)
    /// A node's start → its kube-proxy forwards again (connections are refused before).
    package var proxyBoot: Duration = .milliseconds(5_200)
    /// A workload's change → its controller's answer.
    package var controllerSync: Duration = .milliseconds(20)
    /// A budget's change → its status.
    package var budgetSync: Duration = .milliseconds(60)

    package init(
        leaseDuration: Duration = .seconds(40), monitorPeriod: Duration = .seconds(5),
        gracePeriod: Duration = .seconds(50), controllerManagerRestart: Duration = .milliseconds(29_600)
    ) {
        self.leaseDuration = leaseDuration
        self.monitorPeriod = monitorPeriod
        self.gracePeriod = gracePeriod
        self.controllerManagerRestart = controllerManagerRestart
    }

    /// A quarter of the lease: 10 s by default.
    package var renewInterval: Duration { leaseDuration / 4 }
}
